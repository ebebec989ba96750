#pragma once

#include "net/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>

namespace cxdial::net {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
// The concrete executor spares a type-erased call at each step.
using SteadyTimer = asio::basic_waitable_timer<
    std::chrono::steady_clock,
    asio::wait_traits<std::chrono::steady_clock>,
    Executor>;
using SignalSet = asio::basic_signal_set<Executor>;
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using TcpAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

struct Loop::Impl {
    // Shared so that a thread which may outlive the loop can hold it weakly.
    std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
    asio::executor_work_guard<Executor> work{io->get_executor()};
    std::list<SignalSet> signals;
};

}  // namespace cxdial::net
