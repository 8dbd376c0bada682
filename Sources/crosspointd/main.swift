import Glibc
import RelayDaemon

exit(CrosspointDaemon.run(arguments: Array(CommandLine.arguments.dropFirst())))
