import NATRules
import UserspaceForwarding
import WireFormat

/// Everything an operator decides, validated; names that must be looked up are still names.
struct DaemonConfiguration: Sendable, Equatable {
    /// `--table`: from 0 the kernel path is used wherever it works, below it is off. The number has no other meaning.
    var table = 0
    /// `--no-fallback`: refuse to start if the kernel path does not work.
    var noFallback = false
    /// `--interface`, in order; empty means the first addresses of this host.
    var interfaces: [InterfaceSpecification] = []
    /// `--listen-ng`; never empty.
    var listenNG = [ListenSpecification(host: .address(IPAddress(ipv4: 0x7F00_0001)), port: 2223)]
    /// `--listen-tcp-ng`.
    var listenTCPNG: [ListenSpecification] = []
    /// `--listen-http`.
    var listenHTTP: [ListenSpecification] = []
    /// `--listen-cli`.
    var listenCLI: [ListenSpecification] = []
    /// `--port-min` to `--port-max`: holds at least one even port with its odd neighbour.
    var mediaPorts: ClosedRange<UInt16> = 30000...40000
    /// `--tos`: the traffic class octet of media.
    var trafficClass: UInt8 = 184
    /// `--timeout`: a call none of whose streams had a packet for this long is removed.
    var timeout: Duration = .seconds(60)
    /// `--silent-timeout`: the same for streams on hold.
    var silentTimeout: Duration = .seconds(3600)
    /// `--final-timeout`: the longest a call may last; nil means for ever.
    var finalTimeout: Duration?
    /// `--offer-timeout`: how long an offer may stay without an answer.
    var offerTimeout: Duration = .seconds(3600)
    /// `--delete-delay`: how long a deleted call lingers when the request does not say.
    var deleteDelay: Duration = .seconds(30)
    /// `--endpoint-learning`: when a packet's source replaces the address in the SDP.
    var endpointLearning: LearningMode = .heuristic
    /// `--sip-source`: trust `received-from` more than the SDP unless a request says otherwise.
    var usesSIPSourceAddress = false
    /// `--max-sessions`: the most calls at a time, 0 for none new; nil for no limit.
    var maxSessions: Int?
    /// `--num-threads`: userspace workers; nil means one for each CPU.
    var workerThreads: Int?
    /// `--userspace-engine`: how the workers receive and send.
    var userspaceEngine: EngineChoice = .automatic
    /// `--foreground` was given; Crosspoint never daemonises, so this only silences a notice.
    var foreground = false
    /// `--log-stderr`: log to standard error in any case.
    var logsToStandardError = false
    /// `--log-level`.
    var logLevel: SyslogSeverity = .info
    /// `--log-facility`.
    var logFacility: SyslogFacility = .daemon
    /// `--pidfile`.
    var pidFile: String?
    /// `--control-socket`; nil for `none`.
    var controlSocket: String?
    /// True if `--control-socket` was given. A second daemon on the same host finds the default socket taken, which is
    /// worth a warning; that one which was asked for cannot be made is an error.
    var insistsOnControlSocket = false

    /// True if media may be forwarded by the kernel.
    var usesKernelPath: Bool { self.table >= 0 }
}
