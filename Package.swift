// swift-tools-version: 6.2
import PackageDescription

// The arrows between the targets are the architecture: see Docs/architecture.md. Pure modules (bytes and time in,
// values out) depend on pure modules only; sockets, netlink and threads live in the modules below them in this file.

/// Set by Scripts/test: warnings in our own targets are errors, those of dependencies are theirs.
let strictness: [SwiftSetting] =
    Context.environment["CROSSPOINT_CI"] == nil ? [] : [.treatAllWarnings(as: .error)]
let common: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
    ] + strictness
/// Pure modules meet hostile bytes first: there every unsafe expression has to be marked.
let pure = common + [.strictMemorySafety()]

let package = Package(
    name: "crosspoint",
    products: [
        .executable(name: "crosspointd", targets: ["crosspointd"]),
        .executable(name: "crosspointctl", targets: ["crosspointctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // C: system libraries and what Glibc's Swift module does not export.
        .target(name: "CLinux", path: "CShims/CLinux"),
        .systemLibrary(
            name: "CLibmnl", path: "CShims/CLibmnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(
            name: "CLibnftnl", path: "CShims/CLibnftnl", pkgConfig: "libnftnl",
            providers: [.apt(["libnftnl-dev"])]),
        .systemLibrary(
            name: "CLibnetfilterConntrack", path: "CShims/CLibnetfilterConntrack",
            pkgConfig: "libnetfilter_conntrack", providers: [.apt(["libnetfilter-conntrack-dev"])]),
        .systemLibrary(
            name: "CLiburing", path: "CShims/CLiburing", pkgConfig: "liburing",
            providers: [.apt(["liburing-dev"])]),
        .target(
            name: "CNetfilter", dependencies: ["CLibmnl", "CLibnftnl", "CLibnetfilterConntrack"],
            path: "CShims/CNetfilter"),
        .target(name: "CUring", dependencies: ["CLiburing"], path: "CShims/CUring"),
        .target(name: "CEpoll", dependencies: ["CLinux"], path: "CShims/CEpoll"),

        // Pure: no sockets, no clocks, no threads.
        .target(name: "WireFormat", swiftSettings: pure),
        .target(name: "SDPGrammar", dependencies: ["WireFormat"], swiftSettings: pure),
        .target(name: "RTPPackets", dependencies: ["WireFormat"], swiftSettings: pure),
        .target(name: "NATRules", dependencies: ["WireFormat"], swiftSettings: pure),
        .target(name: "ControlProtocols", dependencies: ["WireFormat", "NATRules"], swiftSettings: pure),
        .target(name: "RelayPlanning", dependencies: ["WireFormat", "NATRules"], swiftSettings: pure),
        .target(
            name: "CallControl",
            dependencies: [
                "WireFormat", "SDPGrammar", "NATRules", "ControlProtocols", "RelayPlanning", "RTPPackets",
            ],
            swiftSettings: pure),

        // I/O.
        .target(
            name: "KernelForwarding", dependencies: ["WireFormat", "RelayPlanning", "CNetfilter", "CLinux"],
            swiftSettings: common),
        .target(
            name: "UserspaceForwarding",
            dependencies: [
                "WireFormat", "RelayPlanning", "NATRules", "RTPPackets", "CUring", "CEpoll", "CLinux",
            ],
            swiftSettings: common),

        // Top.
        .target(name: "ControlVocabulary", swiftSettings: common),
        .target(
            name: "RelayDaemon",
            dependencies: [
                "WireFormat", "SDPGrammar", "NATRules", "ControlProtocols", "RelayPlanning", "RTPPackets",
                "CallControl", "ControlVocabulary", "KernelForwarding", "UserspaceForwarding", "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: common),
        .executableTarget(
            name: "crosspointd",
            dependencies: [
                "RelayDaemon", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: common),
        .executableTarget(
            name: "crosspointctl",
            dependencies: [
                "ControlVocabulary", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: common),

        // Tests.
        .testTarget(name: "WireFormatTests", dependencies: ["WireFormat"], swiftSettings: common),
        .testTarget(
            name: "SDPGrammarTests", dependencies: ["SDPGrammar", "WireFormat"],
            resources: [.copy("Fixtures")],
            swiftSettings: common),
        .testTarget(
            name: "RTPPacketsTests", dependencies: ["RTPPackets", "WireFormat"], swiftSettings: common),
        .testTarget(
            name: "NATRulesTests", dependencies: ["NATRules", "WireFormat"], swiftSettings: common),
        .testTarget(
            name: "ControlProtocolsTests", dependencies: ["ControlProtocols", "NATRules", "WireFormat"],
            resources: [.copy("Fixtures")], swiftSettings: common),
        .testTarget(
            name: "RelayPlanningTests", dependencies: ["RelayPlanning", "NATRules", "WireFormat"],
            swiftSettings: common),
        .testTarget(
            name: "CallControlTests",
            dependencies: [
                "CallControl", "ControlProtocols", "RelayPlanning", "SDPGrammar", "NATRules", "WireFormat",
            ],
            swiftSettings: common),
        .testTarget(
            name: "TranscriptTests",
            dependencies: [
                "CallControl", "ControlProtocols", "RelayPlanning", "SDPGrammar", "NATRules", "WireFormat",
            ],
            resources: [.copy("Fixtures")], swiftSettings: common),
        .testTarget(
            name: "KernelForwardingTests",
            dependencies: ["KernelForwarding", "RelayPlanning", "WireFormat", "CNetfilter"],
            resources: [.copy("Fixtures")], swiftSettings: common),
        .testTarget(
            name: "UserspaceForwardingTests",
            dependencies: [
                "UserspaceForwarding", "RelayPlanning", "NATRules", "RTPPackets", "WireFormat", "CLinux",
            ],
            swiftSettings: common),
        .testTarget(
            name: "RelayDaemonTests",
            dependencies: [
                "RelayDaemon", "WireFormat", "NATRules", "RelayPlanning", "CallControl", "ControlProtocols",
                "UserspaceForwarding",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.copy("Fixtures")], swiftSettings: common),
        .testTarget(
            name: "ControlVocabularyTests", dependencies: ["ControlVocabulary"], swiftSettings: common),
        .testTarget(
            name: "CrosspointctlTests",
            dependencies: [
                "crosspointctl", "ControlVocabulary", "RelayDaemon",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: common),
        .testTarget(name: "HouseRulesTests", swiftSettings: common),
    ]
)
