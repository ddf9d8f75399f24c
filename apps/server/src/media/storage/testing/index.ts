export { createBucket, SwiftServer, swiftMissing } from './swift.js';
export { mountTinyDisk, type TinyDisk } from './tiny-disk.js';
