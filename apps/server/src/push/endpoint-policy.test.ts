import { describe, expect, it } from 'vitest';
import { EndpointPolicy, isPublicAddress } from './endpoint-policy.js';

const open = new EndpointPolicy({ hosts: [], loopback: false });
const local = new EndpointPolicy({ hosts: [], loopback: true });

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '100::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    'nonsense',
    '',
  ])('T71 %s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '142.250.74.42', '2607:f8b0:4004:c07::5f', '2a00:1450:4001:81b::200a'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('an endpoint', () => {
  it.each([
    'http://push.example.com/send',
    'ftp://push.example.com/send',
    'file:///etc/passwd',
    'gopher://push.example.com/',
    'javascript:alert(1)',
    'data:text/plain,hello',
    '//push.example.com/send',
    'push.example.com/send',
    '',
    'https://',
    'https:///send',
    'https://127.0.0.1/send',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://169.254.169.254/latest/meta-data',
    'https://8.8.8.8/send',
    'https://[::1]/send',
    'https://[::ffff:169.254.169.254]/',
    'https://[fd00:ec2::254]/',
    'https://localhost/send',
    'https://LOCALHOST/send',
    'https://localhost./send',
    'https://foo.localhost/send',
    'https://db/send',
    'https://printer.local/send',
    'https://metadata.google.internal/computeMetadata/v1/',
    'https://router.home.arpa/',
    'https://nas.lan/',
    'https://push.example.com./send',
    'https://user:password@push.example.com/send',
    'https://push.example.com@127.0.0.1/send',
    'https://push.example.com/send#fragment',
    'https://push.example.com:8443/send',
    'https://push.example.com:22/send',
    'https://push.example.com:0/send',
    'https://push.example.com\t/send',
    'https://push.example.com\r\nhost: localhost/send',
    ' https://push.example.com/send',
    'https://push.exa\u200bmple.com/send',
    'https://127。0。0。1/',
    'https://①②⑦.0.0.1/',
    `https://push.example.com/${'x'.repeat(2048)}`,
  ])('T71 %j is refused', (endpoint) => {
    expect(open.read(endpoint)).toEqual(expect.any(String));
  });

  it.each([
    'https://fcm.googleapis.com/fcm/send/abc:def',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://wns2-par02p.notify.windows.com/w/?token=abc%2b',
    'https://push.example.com:443/send',
  ])('%s is taken', (endpoint) => {
    expect(open.read(endpoint)).toBeInstanceOf(URL);
  });

  it.each([
    ['https://fcm.googleapis.com/send', true],
    ['https://web.push.apple.com/abc', true],
    ['https://deep.web.push.apple.com/abc', true],
    ['https://push.example.com:8443/send', true],
    ['https://other.example.com/send', true],
    ['https://push.apple.com/abc', false],
    ['https://evilpush.apple.com/abc', false],
    ['https://web.push.apple.com.example.org/abc', false],
    ['https://fcm.googleapis.com.example.org/send', false],
    ['https://xfcm.googleapis.com/send', false],
    ['https://fcm.googleapis.co/send', false],
    ['https://fcm.googleapis.com:8443/send', false],
    ['https://web.push.apple.com:8443/abc', false],
    ['https://push.example.com/send', false],
    ['https://fcm.googleapis.com@example.org/send', false],
    ['https://127.0.0.1/send', false],
  ])('T71 %s where only some hosts are allowed: %s', (endpoint, isTaken) => {
    const hosts = [
      'fcm.googleapis.com',
      '*.push.apple.com',
      'push.example.com:8443',
      'other.example.com:443',
    ];
    const listed = new EndpointPolicy({ hosts, loopback: false });
    expect(listed.read(endpoint) instanceof URL).toBe(isTaken);
  });

  it('may be on this machine where that is set, and on no other of this network', () => {
    for (const endpoint of ['http://127.0.0.1:8080/a', 'http://localhost/a', 'https://[::1]:1/a']) {
      expect(local.read(endpoint)).toBeInstanceOf(URL);
    }
    for (const endpoint of ['http://10.0.0.1/a', 'http://push.example.com/a', 'ftp://127.0.0.1/']) {
      expect(local.read(endpoint)).toEqual(expect.any(String));
    }
    expect(local.mayConnect('localhost', '127.0.0.1')).toBe(true);
    expect(local.mayConnect('localhost', '10.0.0.1')).toBe(false);
    expect(local.mayConnect('push.example.com', '127.0.0.1')).toBe(false);
    expect(open.mayConnect('localhost', '127.0.0.1')).toBe(false);
  });
});
