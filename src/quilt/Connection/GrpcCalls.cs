using System.Runtime.CompilerServices;
using Grpc.Core;

namespace Quilt.Cli;

/// <summary>
/// The calls of the library's one invoker, by its class instead of by the base's generic virtual methods. Those a program that is
/// compiled ahead of time puts together when they are first called, which here would take as long as all the rest of a command.
/// </summary>
internal static class GrpcCalls
{
    private const string Invoker = "Grpc.Net.Client.Internal.HttpClientCallInvoker, Grpc.Net.Client";

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(CallInvoker.AsyncUnaryCall))]
    internal static extern AsyncUnaryCall<TResponse> Unary<TRequest, TResponse>([UnsafeAccessorType(Invoker)] object invoker, Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class
        where TResponse : class;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(CallInvoker.AsyncServerStreamingCall))]
    internal static extern AsyncServerStreamingCall<TResponse> ServerStreaming<TRequest, TResponse>([UnsafeAccessorType(Invoker)] object invoker, Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class
        where TResponse : class;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(CallInvoker.AsyncClientStreamingCall))]
    internal static extern AsyncClientStreamingCall<TRequest, TResponse> ClientStreaming<TRequest, TResponse>([UnsafeAccessorType(Invoker)] object invoker, Method<TRequest, TResponse> method, string? host, CallOptions options)
        where TRequest : class
        where TResponse : class;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(CallInvoker.AsyncDuplexStreamingCall))]
    internal static extern AsyncDuplexStreamingCall<TRequest, TResponse> DuplexStreaming<TRequest, TResponse>([UnsafeAccessorType(Invoker)] object invoker, Method<TRequest, TResponse> method, string? host, CallOptions options)
        where TRequest : class
        where TResponse : class;
}
