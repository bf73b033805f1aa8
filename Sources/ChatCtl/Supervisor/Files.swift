import Foundation

/// The few file operations that the supervisor needs, with permissions from the start and errors that name the path.
enum Files {
    /// Makes a folder if it is not there. Its parents are made with the same mode.
    static func makeFolder(_ path: String, mode: mode_t) throws(Failure) {
        if mkdir(path, mode) == 0 {
            chmod(path, mode)  // the umask may have taken something away
            return
        }
        switch errno {
        case EEXIST where isFolder(path): return
        case ENOENT:
            let parent = (path as NSString).deletingLastPathComponent
            guard !parent.isEmpty, parent != path else { throw cannot("make the folder", path) }
            try makeFolder(parent, mode: mode)
            try makeFolder(path, mode: mode)
        default: throw cannot("make the folder", path)
        }
    }

    static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    static func owner(of path: String) -> uid_t? {
        var information = stat()
        return lstat(path, &information) == 0 ? information.st_uid : nil
    }

    static func give(_ path: String, to user: SystemUser?) throws(Failure) {
        guard let user else { return }
        guard lchown(path, user.id, user.groupID) == 0 else { throw cannot("change the owner of", path) }
    }

    /// Replaces a file at once: a reader sees the old content or the new one.
    static func write(
        _ text: String,
        to path: String,
        mode: mode_t = 0o600,
        owner: (user: uid_t, group: gid_t)? = nil
    ) throws(Failure) {
        let draft = "\(path).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw cannot("write", draft) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard owner.map({ fchown(descriptor, $0.user, $0.group) == 0 }) ?? true, fchmod(descriptor, mode) == 0,
            Foundation.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            rename(draft, path) == 0
        else {
            let failure = cannot("write", path)
            unlink(draft)
            throw failure
        }
    }

    static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    static func cannot(_ action: String, _ path: String) -> Failure {
        let code = errno
        let kind: Failure.Kind = code == EACCES || code == EPERM ? .notPermitted : .unavailable
        return Failure(kind, "cannot \(action) \(path): \(String(cString: strerror(code)))")
    }
}
