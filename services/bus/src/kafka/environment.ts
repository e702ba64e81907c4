import { z } from "zod";
import { kafkaSecurityVariables } from "./security.ts";

const expectedBrokers = "host:port, several separated by commas";

/** How a service is told of its Kafka. */
export const kafkaVariables = {
  ...kafkaSecurityVariables,
  SPANHOUSE_KAFKA_BROKERS: z
    .string(expectedBrokers)
    .transform((list) => list.split(",").map((broker) => broker.trim()))
    .refine((list) => list.every((broker) => /^[^\s:]+:\d{1,5}$|^\[[^\s\]]+\]:\d{1,5}$/.test(broker)), expectedBrokers),
  SPANHOUSE_KAFKA_TOPIC: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, "a Kafka topic: 1 to 249 letters, digits, dots, dashes, underscores")
    .default("otlp_spans"),
} as const;
