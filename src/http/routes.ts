// What each path of the HTTP server answers.

import { notLive, notReady } from './health.ts';
import type { History } from './history.ts';
import { metricsRegistry } from './metrics.ts';
import type { ProcessView } from './process-view.ts';
import { type Answer, json, type Routes, text } from './server.ts';
import { statsOf } from './stats.ts';
import { statusPage } from './status-page.ts';

export function routesOf(view: ProcessView, history: History): Routes {
  const metrics = metricsRegistry(view);
  const page = statusPage();
  const routes: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
    '/': () => page,
    '/livez': () => {
      const reasons = notLive(view);
      if (reasons.length === 0) return text(200, 'alive\n');
      return text(503, `${reasons.map((reason) => reason.text).join('\n')}\n`);
    },
    '/readyz': async () => {
      await view.fresh();
      const reasons = notReady(view);
      const ready = reasons.length === 0;
      return json(ready ? 200 : 503, { ready, reasons });
    },
    '/metrics': async () => {
      await view.fresh();
      return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
    },
    '/stats': async () => {
      await view.fresh();
      return json(200, statsOf(view));
    },
    '/history': () => json(200, { samples: history.samples }),
    '/version': () => json(200, { version: view.facts.version, node: process.versions.node }),
  };
  return (path) => (Object.hasOwn(routes, path) ? routes[path]!() : undefined);
}
