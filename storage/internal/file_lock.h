#pragma once

#include "base/result.h"

#include <optional>
#include <string>

namespace cxdial::storage {

/// Keeps other processes away from one database file: an advisory lock on `FILE-lock`, which also
/// says who holds it. The kernel frees it when the process ends, however it ends; the file stays.
class FileLock {
public:
    /// `conflict` when another process (or this one, once more) holds it: the text names file and
    /// process and says what to do. `unavailable` when the lock file cannot be made.
    [[nodiscard]] static base::Result<FileLock> take(const std::string& database_path);

    /// Who holds it, `process 123`; nothing: nobody.
    [[nodiscard]] static std::optional<std::string> holder(const std::string& database_path);

    FileLock() = default;
    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace cxdial::storage
