import type { ChannelOptions } from '@grpc/grpc-js';

export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

/** Of both sides, each of which must notice that the other is gone without a word. */
export function channelOptions(messageBytesMax: number): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': messageBytesMax,
    // The codec refuses what is too large to send, in better words.
    'grpc.max_send_message_length': -1,
  };
}

export function clientChannelOptions(messageBytesMax: number): ChannelOptions {
  return {
    ...channelOptions(messageBytesMax),
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    // Callers know what may be tried again. What gRPC keeps for retries it reports as sent: a mebibyte per call that no
    // flow control sees.
    'grpc.enable_retries': 0,
    'grpc.per_rpc_retry_buffer_size': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    // Peers stand in one cluster, whatever proxy leads out of it.
    'grpc.enable_http_proxy': 0,
  };
}
