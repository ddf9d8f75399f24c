/// <reference lib="webworker" />
import { answerFromShell, fillShell } from './shell-cache.js';
import { takePush } from './alerts.js';
import { openFromAlert } from './open-from-alert.js';

declare const self: ServiceWorkerGlobalScope;

self.addEventListener('install', (event) => {
  event.waitUntil(fillShell());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const answer = answerFromShell(event.request);
  if (answer) event.respondWith(answer);
});

self.addEventListener('push', (event) => {
  const payload: unknown = event.data?.json();
  event.waitUntil(takePush(self.registration, payload));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openFromAlert(self.clients, event.notification.tag));
});
