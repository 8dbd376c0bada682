import Testing

/// Every test here moves real packets through real rings; side by side they would only wait for each other.
@Suite("Userspace relaying", .serialized)
enum OneAtATime {}
