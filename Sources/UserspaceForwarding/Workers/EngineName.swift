/// The way into the kernel that the workers have taken.
public enum EngineName: String, Sendable, Hashable, CaseIterable {
    /// io_uring.
    case ioUring = "io_uring"
    /// epoll, with a system call for each datagram or a few of them.
    case epoll
}
