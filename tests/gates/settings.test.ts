import { expect, it } from 'vitest';
import { settingNames, settingNote } from '../../apps/server/src/config/settings.js';

// A setting is a promise to operators: a new one, or another default, is decided and not slipped in.
it('the settings and their defaults are these', () => {
  const settings = settingNames.map((name) => `${name}=${settingNote(name)?.default ?? ''}`);
  expect(`\n${settings.join('\n')}\n`).toMatchInlineSnapshot(`
    "
    PORT=3000
    HOST=0.0.0.0
    DATABASE_URL=
    DATABASE_POOL=16
    NATTER_WRITERS=2
    NATTER_DATA=./data
    JWT_SECRET=
    NATTER_ACCESS_TOKEN_SECONDS=900
    NATTER_WEB=on
    LOG_LEVEL=info
    CORS_ORIGINS=
    NATTER_TRUSTED_PROXIES=
    NODE_ENV=development
    NATTER_RATE_LIMITS=on
    NATTER_RATE_SENDS=100
    NATTER_RATE_CHANGES=50
    NATTER_RATE_RECEIPTS=100
    NATTER_RATE_EPHEMERAL=20
    NATTER_RATE_READS=100
    NATTER_RATE_BURST_SECONDS=20
    NATTER_REGISTRATIONS_PER_HOUR=5000
    NATTER_USER_DIRECTORY=all
    NATTER_EDIT_WINDOW_SECONDS=0
    NATTER_DELETE_WINDOW_SECONDS=0
    NATTER_MAX_TEXT_BYTES=16384
    NATTER_MAX_CIPHERTEXT_BYTES=65536
    NATTER_MAX_HEADER_BYTES=4096
    NATTER_MAX_DRAFT_BYTES=16384
    NATTER_MAX_CHAT_PINS=50
    NATTER_MAX_USER_REACTIONS=20
    NATTER_MAX_MESSAGE_REACTIONS=100
    NATTER_MAX_GROUP_MEMBERS=1024
    NATTER_MAX_USER_DEVICES=25
    NATTER_MAX_USER_SOCKETS=250
    NATTER_MAX_FRAME_BYTES=262144
    "
  `);
});
