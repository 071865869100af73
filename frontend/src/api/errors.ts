import type { ErrorBody, ErrorDetail } from '../contract/messages';

/**
 * Why a request brought no answer: a code of the contract; `unreachable` where no server answered;
 * `unexpected` where something answered that is not of this plugin (a proxy's page, say).
 */
export type ApiErrorCode = ErrorDetail['code'] | 'unreachable' | 'unexpected';

/** A request that failed. `status` is the HTTP status, 0 where no server answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: ApiErrorCode,
    message: string,
    readonly status: number,
    readonly url: string,
  ) {
    super(message);
  }
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false;
  const { error } = body;
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    'message' in error &&
    typeof error.message === 'string'
  );
}

/** The error that a refused response stands for: the plugin's own words where the body has them. */
export async function errorOfResponse(response: Response): Promise<ApiError> {
  const text = await response.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    body = null; // Not JSON: a proxy's or TensorBoard's own page. Reported as unexpected below.
  }
  if (isErrorBody(body)) {
    return new ApiError(body.error.code, body.error.message, response.status, response.url);
  }
  return new ApiError(
    'unexpected',
    `expected an answer of the layerview plugin, received HTTP ${response.status} ${response.statusText}`.trim(),
    response.status,
    response.url,
  );
}

/** True for the rejection of a request that was aborted on purpose: nobody waits for its answer. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
