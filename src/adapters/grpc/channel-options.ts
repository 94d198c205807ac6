import type { ChannelOptions } from '@grpc/grpc-js';

export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

/** Options of client and server. With keep-alive pings each side notices when the other side is gone. */
export function channelOptions(messageBytesMax: number): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': messageBytesMax,
    // The codec rejects messages that are too large, with a clearer error message.
    'grpc.max_send_message_length': -1,
  };
}

export function clientChannelOptions(messageBytesMax: number): ChannelOptions {
  return {
    ...channelOptions(messageBytesMax),
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    // Callers know which calls may be retried. gRPC reports messages that it buffers for retries as sent, so up to one
    // mebibyte per call would escape flow control.
    'grpc.enable_retries': 0,
    'grpc.per_rpc_retry_buffer_size': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.service_config_disable_resolution': 1,
    // Peers are in one cluster, so a proxy for the outside world must not be used.
    'grpc.enable_http_proxy': 0,
  };
}
