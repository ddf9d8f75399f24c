/// <reference lib="webworker" />
import { createBackgroundClient } from '@natter/client';
import { indexedDb } from '@natter/client/indexeddb';
import { readAlertSettings } from '../notifications/alert-settings.js';
import { subscribe } from '../notifications/subscribe.js';
import { tellerBy } from './alert-words.js';
import { answerFromShell, fillShell } from './shell-cache.js';
import { takePush } from './alerts.js';
import { openFromAlert } from './open-from-alert.js';

declare const self: ServiceWorkerGlobalScope;

const store = indexedDb();

/** Another one for each event: who is logged in may have changed. */
function client() {
  return createBackgroundClient({ url: location.origin, store });
}

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
  const { registration } = self;
  const teller = tellerBy(client());
  event.waitUntil(takePush({ registration, settings: readAlertSettings, teller }, payload));
});

// The browser has put another subscription, or none, in the place of the one that the server knows.
self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(subscribe(self.registration, client()));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openFromAlert(self.clients, event.notification.tag));
});
