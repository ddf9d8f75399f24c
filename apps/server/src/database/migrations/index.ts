import type { Migration } from 'kysely/migration';
import * as streams from './0001-streams.js';
import * as append from './0002-append.js';
import * as profiles from './0003-profiles.js';
import * as preferences from './0004-preferences.js';
import * as conversation from './0005-conversation.js';
import * as appendReplies from './0006-append-replies.js';
import * as moveMarks from './0007-move-marks.js';
import * as presence from './0008-presence.js';
import * as blocksAndTimers from './0009-blocks-and-timers.js';
import * as sessions from './0010-sessions.js';
import * as search from './0011-search.js';
import * as similarNames from './0012-similar-names.js';
import * as media from './0013-media.js';
import * as appendMedia from './0014-append-media.js';
import * as push from './0015-push.js';
import * as steadyCost from './0016-steady-cost.js';
import * as markAudiences from './0017-mark-audiences.js';
import * as appendStages from './0018-append-stages.js';
import * as compactChecks from './0019-compact-checks.js';
import * as appendPlaces from './0020-append-places.js';
import * as searchSpans from './0021-search-spans.js';
import * as lookups from './0022-lookups.js';

/**
 * Every migration by name, in the order in which they run. A released one is never edited. From 0020 on, what nodes of the
 * version before read, write and call stays as it was for them: they run on until each is stopped and started again. The
 * one exception, with its reason, is 0021-search-spans.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-streams': streams,
  '0002-append': append,
  '0003-profiles': profiles,
  '0004-preferences': preferences,
  '0005-conversation': conversation,
  '0006-append-replies': appendReplies,
  '0007-move-marks': moveMarks,
  '0008-presence': presence,
  '0009-blocks-and-timers': blocksAndTimers,
  '0010-sessions': sessions,
  '0011-search': search,
  '0012-similar-names': similarNames,
  '0013-media': media,
  '0014-append-media': appendMedia,
  '0015-push': push,
  '0016-steady-cost': steadyCost,
  '0017-mark-audiences': markAudiences,
  '0018-append-stages': appendStages,
  '0019-compact-checks': compactChecks,
  '0020-append-places': appendPlaces,
  '0021-search-spans': searchSpans,
  '0022-lookups': lookups,
};
