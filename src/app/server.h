// The composition root: builds every room, owns the thread's loop, and stops it all in order.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/time.h"

namespace pawl::app {

struct ServerSettings {
  std::string database;  // conninfo of a login that may become pawl_engine and pawl_reader
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  // Where /metrics is for everyone, on a port of its own; without a host nowhere. 0: any free one.
  std::string metrics_host = {};
  std::uint16_t metrics_port = 0;
  std::string node_name;
  std::uint32_t loops = 2;                   // commit connections, each with lanes of its own
  std::vector<std::string> allow_addresses;  // private ranges that HTTP calls may reach all the same
  bool allow_loopback = false;               // HTTP calls may reach this machine: the development server
  bool allow_fsync_off = false;              // for tests
};

// One thread, that of the io_context, runs everything: HTTP, engine, database. Lives on it.
class Server {
 public:
  // Binds the port and begins; until PostgreSQL answers and the lanes are loaded, /readyz says why not.
  // Problems: those of http::Server::listen, `address-range-invalid`.
  static Result<std::unique_ptr<Server>> start(boost::asio::io_context& io, ServerSettings settings);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::uint16_t metrics_port() const;  // 0 without one
  bool ready() const;
  // Stops accepting, lets what is in flight finish, gives the lanes up; then calls. Bounded (stop_within).
  void stop(std::move_only_function<void()> stopped);

 private:
  struct Rooms;
  explicit Server(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

// How long requests in flight may take to end once the server is told to stop.
inline constexpr std::chrono::seconds stop_within{10};

}  // namespace pawl::app
