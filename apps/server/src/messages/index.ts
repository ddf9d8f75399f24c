export { MessagesRepository } from './messages.repository.js';
