internal import Glibc

/// Whether io_uring can be used here, and if not, why.
enum RingProbe {
    /// What keeps io_uring from being used; nil if nothing does.
    ///
    /// It does all that a worker does, only smaller: sets up a ring for the calling thread, looks for the operations,
    /// registers buffers and files, and submits something. Any of these may be forbidden by itself.
    static func obstacle() -> SystemError? {
        do throws(SystemError) {
            try Ring(RingSizes(submissions: 4, buffers: 4, payloadBytes: 64, files: 1)).check()
            return nil
        } catch {
            return error
        }
    }

    /// What an error number of io_uring usually means.
    static func hint(errno: Int32) -> String {
        switch errno {
        case EPERM, EACCES:
            switch Self.switchedOff() {
            case 1: " (kernel.io_uring_disabled is 1: only for CAP_SYS_ADMIN and kernel.io_uring_group)"
            case 2...: " (kernel.io_uring_disabled is 2)"
            default: " (forbidden by seccomp, as container runtimes do, or by a security module)"
            }
        case ENOSYS: " (this kernel has no io_uring, or seccomp hides it)"
        case EINVAL, EOPNOTSUPP: " (Linux 6.1 or later is needed)"
        case ENOMEM: " (not enough memory that may be locked, see RLIMIT_MEMLOCK)"
        case EMFILE: " (the limit of open files, RLIMIT_NOFILE, is lower than the number of ports)"
        default: ""
        }
    }

    /// `kernel.io_uring_disabled` (Linux 6.6): 0 where it is allowed, or where there is no such switch.
    private static func switchedOff() -> Int {
        let descriptor = Glibc.open("/proc/sys/kernel/io_uring_disabled", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { Glibc.close(descriptor) }
        var digit: UInt8 = 0
        guard read(descriptor, &digit, 1) == 1, digit >= UInt8(ascii: "0") else { return 0 }
        return Int(digit - UInt8(ascii: "0"))
    }
}
