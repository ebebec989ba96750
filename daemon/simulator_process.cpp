#include "daemon/simulator_process.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace cxdial::daemon {
namespace {

/// The first line that comes out of the pipe; empty when it closes before one is whole.
std::string read_line(int descriptor) {
    std::string line;
    char byte = 0;
    while (true) {
        const ssize_t count = read(descriptor, &byte, 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return {};
        }
        if (byte == '\n') {
            return line;
        }
        line += byte;
    }
}

base::Error failed(const std::string& what) {
    return {base::Errc::unavailable, "the simulator could not be started: " + what};
}

std::uint16_t port_in(const std::string& announcement) {
    const auto json = nlohmann::json::parse(announcement, nullptr, false);
    if (!json.is_object() || !json.contains("port") || !json["port"].is_number_unsigned()) {
        return 0;
    }
    return json["port"].get<std::uint16_t>();
}

}  // namespace

base::Result<std::unique_ptr<SimulatorProcess>> SimulatorProcess::start(
    const std::vector<std::string>& options
) {
    std::error_code problem;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", problem);
    const std::string program = (self.parent_path() / "cloudonix-sim").string();
    if (problem || !std::filesystem::exists(program, problem)) {
        return failed("there is no " + program);
    }
    std::vector<std::string> words{program, "--die-with-parent"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);

    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
        return failed(std::generic_category().message(errno));
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    pid_t pid = 0;
    const int refused =
        posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    const std::string announcement = refused == 0 ? read_line(pipe_ends[0]) : "";
    close(pipe_ends[0]);
    if (refused != 0) {
        return failed(std::generic_category().message(refused));
    }
    const std::uint16_t port = port_in(announcement);
    std::unique_ptr<SimulatorProcess> process(new SimulatorProcess(pid, port));
    if (port == 0) {
        return failed("it did not say where it listens");
    }
    return process;
}

SimulatorProcess::~SimulatorProcess() {
    kill(pid_, SIGTERM);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
}

std::string SimulatorProcess::api_url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
}

}  // namespace cxdial::daemon
