// What `ps` shows of us to everybody on the machine: the arguments, without the secrets in them.
#pragma once

namespace pawl::app {

// Overwrites, in the memory that /proc/PID/cmdline shows, passwords of connection strings (in a URL before the '@', and
// whatever is called password in either form) and what follows --token, by "***". Takes rather too much than too
// little: so only once the arguments have been read. A secret is shown until this is called.
void hide_secrets(int argc, char** argv);

}  // namespace pawl::app
