import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { PushConfig } from '../config/config.js';

const MOST_CHARACTERS = 2048;
/** Names that are never those of a push service on the internet, whatever they resolve to. */
const LOCAL_NAMES =
  /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|home\.arpa)$/;
const PUBLIC_NAME = /^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$/;
const GLOBAL_UNICAST_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Whether an address is one of the public internet: not of this machine, this network, or any special use. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  // IPv4 inside of IPv6, in whatever form, is outside of what is given out for IPv6.
  if (parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST_IPV6)) return false;
  return parsed.range() === 'unicast';
}

function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';
}

/** The host of a URL without the brackets around IPv6. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function fits(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}

/** To which addresses the server sends pushes: devices name them, and must not make it a proxy into its own network. */
export class EndpointPolicy {
  constructor(private readonly config: Pick<PushConfig, 'hosts' | 'loopback'>) {}

  /** The endpoint, normalized, or why it may not be used. It does not resolve the name: that is done when connecting. */
  read(endpoint: string): URL | string {
    // It would read what the URL parser leaves out or changes.
    if (!/^[\x21-\x7e]+$/.test(endpoint)) return 'must be a URL of ASCII characters';
    if (!URL.canParse(endpoint)) return 'must be a URL';
    const url = new URL(endpoint);
    if (url.href.length > MOST_CHARACTERS) {
      return `must be at most ${MOST_CHARACTERS} characters`;
    }
    if (url.username !== '' || url.password !== '' || url.hash !== '') {
      return 'must hold neither a login nor a fragment';
    }
    if (this.isOwnMachine(url)) return url;
    if (url.protocol !== 'https:') return 'must begin with https://';
    if (isIP(bareHost(url)) !== 0) return 'must name its host, not the address of it';
    if (!PUBLIC_NAME.test(url.hostname) || LOCAL_NAMES.test(url.hostname)) {
      return 'must be on a host of the public internet';
    }
    return this.isListed(url) ? url : 'must be of a push service that this server allows';
  }

  /** Whether a connection to `address` may be made for the host. To be asked of the very address that is connected to. */
  mayConnect(hostname: string, address: string): boolean {
    if (this.config.loopback && hostname === 'localhost') return isLoopbackAddress(address);
    return isPublicAddress(address);
  }

  private isOwnMachine(url: URL): boolean {
    if (!this.config.loopback || !/^https?:$/.test(url.protocol)) return false;
    return url.hostname === 'localhost' || isLoopbackAddress(bareHost(url));
  }

  private isListed({ host, port }: URL): boolean {
    const { hosts } = this.config;
    if (hosts.length === 0) return port === '';
    return hosts.some((pattern) => fits(pattern.replace(/:443$/, ''), host));
  }
}
