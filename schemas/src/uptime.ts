/**
 * Milliseconds that only rise, whatever the machine's clock is set to: for how long ago something was. By the clock, a
 * thing that is good for seconds would be good for an hour once the clock has stepped back by one.
 */
export const uptime = (): number => performance.now();
