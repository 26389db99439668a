// New files that are on the disk when it is said so, and folders likewise.
#pragma once

#include <string>
#include <string_view>

#include "foundation/base/result.hpp"
#include "foundation/sys/files.hpp"

namespace tidemark::backup::impl {

class NewFile {
public:
    /// 0600, locked (flock) as long as this lives; kFailedPrecondition when there is a file of that name.
    static base::Result<NewFile> create(const std::string& path);
    base::Result<void> write(std::string_view bytes);
    /// What was written is on the disk when this returns; not yet the file's name.
    base::Result<void> sync();

private:
    NewFile(std::string path, sys::FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}
    std::string path_;
    sys::FileDescriptor file_;
};

/// The names in the folder are on the disk when this returns.
base::Result<void> sync_folder(const std::string& path);
/// Replaces `to`; neither name need be on the disk when this returns.
base::Result<void> rename_file(const std::string& from, const std::string& to);
[[nodiscard]] bool exists(const std::string& path);
/// Removes the file unless some process has it locked.
void remove_abandoned(const std::string& path);

}  // namespace tidemark::backup::impl
