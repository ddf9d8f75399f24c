import type { Limits, Rates } from '@natter/protocol';
import type * as z from 'zod/mini';
import type { Environment } from './settings.js';

export type Values = z.output<typeof Environment>;

export function limitsOf(values: Values): Limits {
  return {
    textBytes: values.NATTER_MAX_TEXT_BYTES,
    ciphertextBytes: values.NATTER_MAX_CIPHERTEXT_BYTES,
    headerBytes: values.NATTER_MAX_HEADER_BYTES,
    draftBytes: values.NATTER_MAX_DRAFT_BYTES,
    chatPins: values.NATTER_MAX_CHAT_PINS,
    userReactions: values.NATTER_MAX_USER_REACTIONS,
    messageReactions: values.NATTER_MAX_MESSAGE_REACTIONS,
    groupMembers: values.NATTER_MAX_GROUP_MEMBERS,
    userDevices: values.NATTER_MAX_USER_DEVICES,
    userSockets: values.NATTER_MAX_USER_SOCKETS,
    messageMedia: values.NATTER_MAX_MESSAGE_MEDIA,
    mediaBytes: values.NATTER_MAX_MEDIA_BYTES,
    userMediaBytes: values.NATTER_MAX_USER_MEDIA_BYTES,
    userMediaFiles: values.NATTER_MAX_USER_MEDIA_FILES,
    openUploads: values.NATTER_MAX_OPEN_UPLOADS,
    userUploads: values.NATTER_MAX_USER_UPLOADS,
    frameBytes: values.NATTER_MAX_FRAME_BYTES,
  };
}

export function ratesOf(values: Values): Rates {
  return {
    send: values.NATTER_RATE_SENDS,
    change: values.NATTER_RATE_CHANGES,
    receipt: values.NATTER_RATE_RECEIPTS,
    ephemeral: values.NATTER_RATE_EPHEMERAL,
    read: values.NATTER_RATE_READS,
  };
}

/** How much a node holds at once; what comes on top is refused, or cut, and never absorbed. */
export interface Capacity {
  /** Bytes that may wait for one connection that reads too slowly. */
  readonly backlogBytes: number;
  /** How long anything may wait for one connection. */
  readonly backlogMs: number;
  /** Connections of this node, authenticated or not. */
  readonly sockets: number;
  /** Handshakes under way. */
  readonly handshakes: number;
  /** Connections from one address that are not authenticated yet. */
  readonly addressHandshakes: number;
  /** Commands and requests that are not answered yet. */
  readonly requests: number;
  /** Sends that wait for their batch. */
  readonly waitingSends: number;
  /** How long the oldest of a lane's sends has waited when further ones are refused. */
  readonly sendWaitMs: number;
  /** Changes that wait for their turn. */
  readonly waitingChanges: number;
  /** Members' marks that wait for their batch. */
  readonly waitingMarks: number;
  /** Passwords that wait to be hashed, in each of two lines. */
  readonly waitingPasswords: number;
  /** Connections that are told to come back elsewhere within one second, when a node stops. */
  readonly reconnectsPerSecond: number;
}

export function capacityOf(values: Values): Capacity {
  return {
    backlogBytes: values.NATTER_MAX_BACKLOG_BYTES,
    backlogMs: values.NATTER_MAX_BACKLOG_SECONDS * 1000,
    sockets: values.NATTER_MAX_SOCKETS,
    handshakes: values.NATTER_MAX_HANDSHAKES,
    addressHandshakes: values.NATTER_MAX_ADDRESS_HANDSHAKES,
    requests: values.NATTER_MAX_REQUESTS,
    waitingSends: values.NATTER_MAX_WAITING_SENDS,
    sendWaitMs: values.NATTER_MAX_SEND_WAIT_MS,
    waitingChanges: values.NATTER_MAX_WAITING_CHANGES,
    waitingMarks: values.NATTER_MAX_WAITING_MARKS,
    waitingPasswords: values.NATTER_MAX_WAITING_PASSWORDS,
    reconnectsPerSecond: values.NATTER_RECONNECTS_PER_SECOND,
  };
}

/** How devices are alerted that are not connected. */
export interface PushConfig {
  /** base64url; absent: made at first start and kept in the database. */
  readonly vapidPrivateKey: string | undefined;
  readonly vapidSubject: string;
  readonly content: Values['NATTER_PUSH_CONTENT'];
  /** Lower-case names, `*.` before those that stand for all below, and a port where it is not 443. Empty: any. */
  readonly hosts: readonly string[];
  readonly loopback: boolean;
  readonly graceMs: number;
  readonly ttlSeconds: number;
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly concurrency: number;
}

export function pushOf(values: Values): PushConfig {
  return {
    vapidPrivateKey: values.NATTER_VAPID_PRIVATE_KEY,
    vapidSubject: values.NATTER_VAPID_SUBJECT,
    content: values.NATTER_PUSH_CONTENT,
    hosts: values.NATTER_PUSH_HOSTS,
    loopback: values.NATTER_PUSH_LOOPBACK === 'on',
    graceMs: values.NATTER_PUSH_GRACE_SECONDS * 1000,
    ttlSeconds: values.NATTER_PUSH_TTL_SECONDS,
    timeoutMs: values.NATTER_PUSH_TIMEOUT_SECONDS * 1000,
    retryMs: values.NATTER_PUSH_RETRY_SECONDS * 1000,
    concurrency: values.NATTER_PUSH_CONCURRENCY,
  };
}

/** A bucket of S3, or of a server that speaks its protocol, and how to reach it. */
export interface BucketConfig {
  readonly name: string;
  /** Absent: that of AWS in the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Absent, as the secret then is: what the machine or container is given by AWS. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** Whether the bucket is named in the path of an address, and not in its host. */
  readonly pathStyle: boolean;
}

export function bucketOf(values: Values): BucketConfig | undefined {
  if (values.S3_BUCKET === undefined) return undefined;
  return {
    name: values.S3_BUCKET,
    endpoint: values.S3_ENDPOINT,
    region: values.S3_REGION,
    accessKeyId: values.S3_ACCESS_KEY_ID,
    secretAccessKey: values.S3_SECRET_ACCESS_KEY,
    pathStyle: values.S3_PATH_STYLE === 'on',
  };
}

/** How files are looked into. */
export interface InspectionConfig {
  /** How many at once, each in a process of its own. */
  readonly processes: number;
  /** For one step: a picture made anew, a frame of a video found. */
  readonly timeoutMs: number;
  /** Of a picture, all of its frames together. */
  readonly mostPixels: number;
  /** Of ffmpeg and ffprobe; absent, where programs usually are. */
  readonly ffmpegFolder: string | undefined;
}

export function inspectionOf(values: Values): InspectionConfig {
  return {
    processes: values.NATTER_INSPECTION_PROCESSES,
    timeoutMs: values.NATTER_INSPECTION_SECONDS * 1000,
    mostPixels: values.NATTER_MAX_IMAGE_PIXELS,
    ffmpegFolder: values.NATTER_FFMPEG_DIR,
  };
}
