// How many sockets and files this process may have open. Shells give 1,024 at first, which a thousand clients use up;
// the system allows more to whoever asks.
#pragma once

#include <cstddef>

namespace pawl::app {

// Of the descriptors, those that clients may not take: the database's connections, calls to the outside, files.
inline constexpr std::size_t reserved_descriptors = 256;

// Raises the soft limit as far as the system and good measure allow; returns what holds then.
std::size_t raise_descriptor_limit();

// The most clients' connections at once, of `most`, that leave the reserve (or half, where there is hardly more).
std::size_t client_connections(std::size_t descriptors, std::size_t most);

}  // namespace pawl::app
