/** What went wrong, as failures of systems and of the pipeline are told apart. */
export interface Failure {
  readonly kind:
    | 'throttled'
    | 'unavailable'
    | 'rejected'
    | 'conflict'
    | 'gone'
    | 'unauthorized'
    | 'forbidden'
    | 'protocol'
    | 'unknown-outcome'
    | 'misconfigured'
    | 'invalid-source'
    | 'ambiguous-match'
    | 'missing-values';
  readonly code: string;
  readonly message: string;
  readonly status?: number | undefined;
  readonly attribute?: string | undefined;
}
