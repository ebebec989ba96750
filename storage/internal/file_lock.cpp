#include "storage/internal/file_lock.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cxdial::storage {
namespace {

std::string last_problem() {
    return std::generic_category().message(errno);
}

/// The process that wrote itself into the lock file; `another process` when it did not get to it.
std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t got = pread(descriptor, text.data(), text.size(), 0);
    std::string_view pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    pid = pid.substr(0, pid.find_first_not_of("0123456789"));
    return pid.empty() ? "another process" : "process " + std::string(pid);
}

void write_holder(int descriptor) {
    const std::string line = std::to_string(getpid()) + "\n";
    // The text only serves the message that a second process shows: on a full disk it is missing,
    // and the lock holds all the same.
    if (ftruncate(descriptor, 0) == 0) {
        static_cast<void>(pwrite(descriptor, line.data(), line.size(), 0) > 0);
    }
}

}  // namespace

base::Result<FileLock> FileLock::take(const std::string& database_path) {
    const std::string path = database_path + "-lock";
    FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) {
        return base::Error{
            base::Errc::unavailable, "cannot open lock file " + path + ": " + last_problem()};
    }
    if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return base::Error{
                base::Errc::unavailable, "cannot lock " + path + ": " + last_problem()};
        }
        return base::Error{
            base::Errc::conflict,
            "database " + database_path + " is in use by " + holder_of(lock.descriptor_) +
                " (lock file " + path +
                "): stop that process first, or give this one another database.url"};
    }
    write_holder(lock.descriptor_);
    return lock;
}

std::optional<std::string> FileLock::holder(const std::string& database_path) {
    const std::string path = database_path + "-lock";
    const FileLock probe(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    // Shared, so that two who only ask do not take each other for the holder.
    if (probe.descriptor_ < 0 || flock(probe.descriptor_, LOCK_SH | LOCK_NB) == 0 ||
        errno != EWOULDBLOCK) {
        return std::nullopt;
    }
    return holder_of(probe.descriptor_);
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

}  // namespace cxdial::storage
