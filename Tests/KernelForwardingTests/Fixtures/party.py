"""One party of a stream: sends numbered packets and counts what arrives, as told on standard input.

usage: party.py ADDRESS PORT
  to ADDRESS PORT      where to send to
  send COUNT RATE      send COUNT numbered RTP packets at RATE packets a second; prints "sent" at the end
  raw HEX [PORT]       send one packet, from another port of ours if given; prints "sent"
  report               print what arrived since the last reset
  reset                forget it
"""
import collections, ipaddress, socket, sys, threading, time

family = socket.AF_INET6 if ipaddress.ip_address(sys.argv[1]).version == 6 else socket.AF_INET


def bound(port):
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
    if family == socket.AF_INET:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    else:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
    made.bind((sys.argv[1], port))
    return made


own = bound(int(sys.argv[2]))
lock = threading.Lock()
numbers, sources, classes, octets = collections.Counter(), collections.Counter(), set(), 0


def receive():
    global octets
    while True:
        data, extra, _, source = own.recvmsg(2048, 64)
        with lock:
            octets += len(data)
            sources["%s/%d" % source[:2]] += 1
            classes.update(value[0] for _, _, value in extra)
            if len(data) >= 16:
                numbers[int.from_bytes(data[12:16], "big")] += 1


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def send(count, rate, target):
    begin = time.monotonic()
    for number in range(count):
        packet = b"\x80\x00" + (number & 0xFFFF).to_bytes(2, "big") + bytes(8) + number.to_bytes(4, "big") + bytes(156)
        own.sendto(packet, target)
        if number % 8 == 7:
            ahead = begin + (number + 1) / rate - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
    say("sent")


def gaps():
    """The numbers missing between those that arrived, as first-last."""
    present = sorted(numbers)
    found = ["%d-%d" % (one + 1, next - 1) for one, next in zip(present, present[1:]) if next > one + 1]
    return ",".join(found[:20])


threading.Thread(target=receive, daemon=True).start()
say("ready")
target = None
for line in sys.stdin:
    word, *rest = line.split()
    if word == "to":
        target = (rest[0], int(rest[1]))
        say("ok")
    elif word == "send":
        threading.Thread(target=send, args=(int(rest[0]), float(rest[1]), target), daemon=True).start()
    elif word == "raw":
        with_port = bound(int(rest[1])) if len(rest) > 1 else own
        with_port.sendto(bytes.fromhex(rest[0]), target)
        say("sent")
    elif word == "reset":
        with lock:
            numbers.clear(), sources.clear(), classes.clear()
            octets = 0
        say("ok")
    elif word == "report":
        with lock:
            doubled = sum(1 for count in numbers.values() if count > 1)
            say("packets=%d distinct=%d doubled=%d octets=%d sources=%s classes=%s gaps=%s" % (
                sum(sources.values()), len(numbers), doubled, octets, ",".join(sorted(sources)),
                ",".join(str(value) for value in sorted(classes)), gaps()))
