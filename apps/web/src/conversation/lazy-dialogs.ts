import { lazy } from 'react';

/** Their code comes with their first use. */
export const ForwardDialog = lazy(() => import('./forward-dialog.js'));
export const ReceiptsDialog = lazy(() => import('./receipts-dialog.js'));
export const QuickReactions = lazy(() => import('./quick-reactions.js'));
