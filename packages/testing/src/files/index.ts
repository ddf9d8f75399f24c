export * from './documents.js';
export * from './ffmpeg.js';
export * from './pictures.js';
export * from './recordings.js';
