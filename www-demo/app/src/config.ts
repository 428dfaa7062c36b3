/** What the demo's server says about the ports of this run. */
export interface DemoConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** The protected API, with a slash at the end. */
  readonly api: string;
  /** The resource indicator (RFC 8707) under which the provider gives out opaque access tokens for the API. */
  readonly opaqueResource: string;
}

export async function loadConfig(): Promise<DemoConfig> {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`The demo's server answered ${response.status} for its configuration.`);
  return (await response.json()) as DemoConfig;
}
