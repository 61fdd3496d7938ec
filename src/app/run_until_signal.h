// The main loop of a server process.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>

namespace pawl::app {

class Server;

// Runs the loop until SIGTERM or SIGINT, then stops the server and returns; a second signal returns at once.
// `on_ready` is called once, when the server is ready to take runs.
void run_until_signal(boost::asio::io_context& io, Server& server, std::function<void()> on_ready);

}  // namespace pawl::app
