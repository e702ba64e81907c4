import { context, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** Asked every few seconds by what watches the service. */
const untracedRoutes = /^\/(health\/|metrics$)/;

/** Each request of a route is a span, and what is asked of the store for it a part of that. Its route, never its address. */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  // The body has come by now: what is awaited from here on is the route's own.
  app.addHook("preValidation", (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route === undefined || untracedRoutes.test(route)) return done();
    const span = tracer.startSpan(`${request.method} ${route}`, {
      attributes: { "http.request.method": request.method, "http.route": route },
    });
    spans.set(request, span);
    context.with(trace.setSpan(context.active(), span), done);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const span = spans.get(request);
    span?.setAttribute("http.response.status_code", reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}
