export * from './call-route.js';
export * from './child-server.js';
export * from './database-waits.js';
export * from './seed.js';
export * from './test-database.js';
export * from './test-server.js';
export * from './test-socket.js';
export * from './test-user.js';
export { type LanguageCase, languages } from './languages.js';
