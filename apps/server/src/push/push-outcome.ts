/**
 * What became of a push. `sent`, `closed`: the push service took an alert, or that one is over. `retried`: it did not, and will be asked again.
 * `abandoned`: it did not, and is not asked again. `uncertain`: whether it did nobody knows. `rejected`: it refuses such
 * pushes. `gone`: it does not know the subscription any more. `forbidden`: its host is none to which pushes are sent.
 */
export type PushOutcome =
  | 'sent'
  | 'closed'
  | 'retried'
  | 'abandoned'
  | 'uncertain'
  | 'rejected'
  | 'gone'
  | 'forbidden';
