// swift-tools-version: 6.2
import PackageDescription

// Measures what relaying one packet in userspace costs. A package of its own, so that a plain build never sees it;
// Sources and CShims are the project's own, by symbolic link:
//   swift run -c release --package-path Tests/Benchmarks/RelayBenchmark RelayBenchmark 200 3 20000 50000 100000

let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "RelayBenchmark",
    targets: [
        .target(name: "CLinux", path: "CShims/CLinux"),
        .systemLibrary(name: "CLiburing", path: "CShims/CLiburing", pkgConfig: "liburing"),
        .target(name: "CUring", dependencies: ["CLiburing"], path: "CShims/CUring"),
        .target(name: "CEpoll", dependencies: ["CLinux"], path: "CShims/CEpoll"),
        .target(name: "WireFormat", path: "Sources/WireFormat", swiftSettings: common),
        .target(
            name: "NATRules", dependencies: ["WireFormat"], path: "Sources/NATRules", swiftSettings: common),
        .target(
            name: "RTPPackets", dependencies: ["WireFormat"], path: "Sources/RTPPackets",
            swiftSettings: common),
        .target(
            name: "RelayPlanning", dependencies: ["WireFormat", "NATRules"], path: "Sources/RelayPlanning",
            swiftSettings: common),
        .target(
            name: "UserspaceForwarding",
            dependencies: [
                "WireFormat", "RelayPlanning", "NATRules", "RTPPackets", "CUring", "CEpoll", "CLinux",
            ],
            path: "Sources/UserspaceForwarding", swiftSettings: common),
        .target(name: "CBenchmark", dependencies: ["CLiburing"], path: "CBenchmark"),
        .executableTarget(
            name: "RelayBenchmark",
            dependencies: ["UserspaceForwarding", "CBenchmark", "NATRules", "RelayPlanning", "WireFormat"],
            path: "RelayBenchmark", swiftSettings: common),
    ]
)
