/**
 * Links that must lead nowhere, for a fetcher that allows `fbcdn.net` and `fbsbx.com` over https and one simulator on
 * loopback. `forbidden` is a port on loopback where somebody counts who comes.
 */
export function hostileLinks({ allowed, forbidden }: { allowed: number; forbidden: number }): string[] {
  return [
    ...schemes(forbidden),
    ...credentials(forbidden),
    ...ports(allowed),
    ...loopbacks.map((host) => `http://${host}:${forbidden}/a.jpg`),
    ...loopbacks.map((host) => `https://${host}/a.jpg`),
    ...otherAddresses.map((host) => `https://${host}/a.jpg`),
    ...lookalikes.map((host) => `https://${host}/a.jpg`),
    ...parserTricks(forbidden),
  ];
}

function schemes(port: number): string[] {
  return [
    "http://scontent.fbcdn.net/a.jpg",
    "HTTP://SCONTENT.FBCDN.NET/a.jpg",
    `ftp://127.0.0.1:${port}/a.jpg`,
    "ftp://scontent.fbcdn.net/a.jpg",
    `ws://127.0.0.1:${port}/a.jpg`,
    "wss://scontent.fbcdn.net/a.jpg",
    `gopher://127.0.0.1:${port}/_GET%20/`,
    `dict://127.0.0.1:${port}/info`,
    `ldap://127.0.0.1:${port}/`,
    `tftp://127.0.0.1:${port}/a`,
    "file:///etc/passwd",
    "file://scontent.fbcdn.net/etc/passwd",
    "file:/proc/self/environ",
    "data:image/png;base64,iVBORw0KGgo=",
    "javascript:fetch('/')",
    "blob:https://scontent.fbcdn.net/0b6f",
    `jar:http://127.0.0.1:${port}!/a.jpg`,
    "about:blank",
    `view-source:http://127.0.0.1:${port}/`,
    `httpss://127.0.0.1:${port}/a.jpg`,
  ];
}

function credentials(port: number): string[] {
  return [
    "https://user:pw@scontent.fbcdn.net/a.jpg",
    "https://token@scontent.fbcdn.net/a.jpg",
    "https://:pw@scontent.fbcdn.net/a.jpg",
    `https://scontent.fbcdn.net@127.0.0.1:${port}/a.jpg`,
    `https://scontent.fbcdn.net:443@127.0.0.1:${port}/a.jpg`,
    "https://scontent.fbcdn.net%40evil.example/a.jpg",
    "https://scontent.fbcdn.net%2F@evil.example/a.jpg",
    "https://scontent.fbcdn.net%23@evil.example@evil.example:1/a.jpg",
  ];
}

/** Other ports of allowed hosts, the simulator's among them. */
function ports(allowed: number): string[] {
  return [
    "https://scontent.fbcdn.net:80/a.jpg",
    "https://scontent.fbcdn.net:22/a.jpg",
    "https://scontent.fbcdn.net:8443/a.jpg",
    `https://scontent.fbcdn.net:${allowed}/a.jpg`,
    `https://127.0.0.1:${allowed}/a.jpg`,
    `http://user@127.0.0.1:${allowed}/a.jpg`,
    `http://localhost:${allowed}/a.jpg`,
    `http://[::1]:${allowed}/a.jpg`,
    `http://127.0.0.2:${allowed}/a.jpg`,
    `ftp://127.0.0.1:${allowed}/a.jpg`,
  ];
}

const loopbacks = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0177.0.0.1",
  "017700000001",
  "127.0.0.1.",
  "0",
  "0.0.0.0",
  "127.255.255.254",
  "%31%32%37.0.0.1",
  "１２７.０.０.１",
  "127。0。0。1",
  "①②⑦.⓪.⓪.①",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "foo.localhost",
  "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
  "[::1]",
  "[::]",
  "[0:0:0:0:0:0:0:1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
];

const otherAddresses = [
  "169.254.169.254",
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "169.254.43518",
  "[::ffff:a9fe:a9fe]",
  "[::ffff:169.254.169.254]",
  "[fd00:ec2::254]",
  "metadata.google.internal",
  "100.64.0.1",
  "100.100.100.200",
  "10.0.0.7",
  "012.0.0.7",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "192.0.0.192",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "[fe80::1]",
  "[fe80::1%25eth0]",
  "[fe80::1%eth0]",
  "[fc00::1]",
  "[fec0::1]",
  "[ff02::1]",
  "8.8.8.8", // public, but an address is no host of Messenger's
  "[2606:4700::1111]",
];

const lookalikes = [
  "evilfbcdn.net",
  "fbcdn.net.evil.example",
  "scontent.fbcdn.net.evil.example",
  "fbcdn.net.",
  "scontent.fbcdn.net.",
  "scontent.fbcdn.net..",
  "fbcdn.netx",
  "xn--fbcdn-3ve.net",
  "fbсdn.net", // a Cyrillic letter
  "fbcdn.net.xn--evil-9na.example",
  "fbcdn-net.example",
  "fbcdn.net-evil.example",
  "fbcdn.net%2eevil.example",
  "fbcdn.net%00.evil.example",
  "fbcdn.net\u3002evil.example",
  "evil.example\uff0ffbcdn.net",
  "fbcdn",
  "net",
  "fbcdn.net_evil.example",
  "lookaside.facebook.com",
];

/** What one parser takes for the host and another for the path. */
function parserTricks(port: number): string[] {
  return [
    `https:\\\\127.0.0.1:${port}\\a.jpg`,
    `https://127.0.0.1:${port}\\@scontent.fbcdn.net/a.jpg`,
    `https://127.0.0.1:${port}\\.fbcdn.net/a.jpg`,
    `https://127.0.0.1:${port}#.fbcdn.net`,
    `https://127.0.0.1:${port}?.fbcdn.net`,
    `https://127.0.0.1:${port};scontent.fbcdn.net/a.jpg`,
    `https:127.0.0.1:${port}/a.jpg`,
    `https:/127.0.0.1:${port}/a.jpg`,
    `https:///127.0.0.1:${port}/a.jpg`,
    `ht\ntps://127.0.0.1:${port}/a.jpg`,
    `\t https://127.0.0.1:${port}/a.jpg \n`,
    `https://127.0.0.\t1:${port}/a.jpg`,
    `https://evil.example\r\nHost: scontent.fbcdn.net/a.jpg`,
    "https://evil.example\t.fbcdn.net.example/a.jpg",
    `//127.0.0.1:${port}/a.jpg`,
    `/etc/passwd`,
    `127.0.0.1:${port}/a.jpg`,
    "https://",
    "https://?",
    "https://[::1/a.jpg",
    "https://scontent.fbcdn.net:99999/a.jpg",
    "",
    "https://scontent.fbcdn.net\u0000.evil.example/a.jpg",
    `https://${"a".repeat(70_000)}.example/a.jpg`,
  ];
}

/** Addresses that an allowed name may lead to and must not. */
export const forbiddenAddresses = [
  "127.0.0.1",
  "127.0.0.53",
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.100.100.200",
  "169.254.169.254",
  "169.254.170.2",
  "172.16.0.1",
  "192.0.0.192",
  "192.168.0.1",
  "198.18.0.1",
  "224.0.0.251",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:a9fe:a9fe::",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "not an address",
];
