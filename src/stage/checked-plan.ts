// The plan of a run, with all faults of the settings that the collector's route and this host show.

import { type Config, ConfigError } from '../config/config.ts';
import type { Fault } from '../fault.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import type { Route } from '../pipeline/sending/path-mtu.ts';
import { sourceFaults } from '../pipeline/sending/source-check.ts';
import { type Plan, planFor } from './plan.ts';

/** As `planFor`, and SOURCE_ADDRESS and SOURCE_PORT are bound for a moment. Rejects with ConfigError. */
export async function checkedPlan(
  config: Config,
  mappings: readonly Mapping[],
  route: Route | undefined,
): Promise<Plan> {
  const faults = route ? await faultsOfSource(config, route) : [];
  try {
    const plan = planFor(config, mappings, route);
    if (faults.length === 0) return plan;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults);
  }
  throw new ConfigError(faults);
}

/** What stands for the address of a collector that does not resolve here. */
export const notResolved = 'not resolved';

function faultsOfSource(config: Config, route: Route): Promise<Fault[]> {
  const hosts = route.address === notResolved ? [] : [route, ...(route.others ?? [])];
  return sourceFaults(
    {
      address: config.SOURCE_ADDRESS,
      port: config.SOURCE_PORT,
      // The statistics have a socket of their own.
      sockets: config.WORKERS + (config.EXPORT_STATISTICS === undefined ? 0 : 1),
    },
    hosts,
  );
}
