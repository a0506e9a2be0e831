using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Gives the server the service's calls with readers of their own: a body that is no message is its sender's failure, and no unforeseen one of ours.</summary>
internal sealed class RequestReading(QuiltGrpcService service) : IServiceMethodProvider<QuiltGrpcService>
{
    /// <summary>In place of the server's own, which finds the calls by reflection.</summary>
    internal static void Add(IServiceCollection services)
    {
        services.RemoveAll(typeof(IServiceMethodProvider<>));
        services.AddSingleton<IServiceMethodProvider<QuiltGrpcService>, RequestReading>();
    }

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<QuiltGrpcService> context) => QuiltService.BindService(new Binder(context), service);

    private sealed class Binder(ServiceMethodProviderContext<QuiltGrpcService> context) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) =>
            context.AddUnaryMethod(Read(method), [], (_, request, call) => handler!(request, call));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddClientStreamingMethod(Read(method), [], (_, requests, call) => handler!(requests, call));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddServerStreamingMethod(Read(method), [], (_, request, responses, call) => handler!(request, responses, call));

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) =>
            context.AddDuplexStreamingMethod(Read(method), [], (_, requests, responses, call) => handler!(requests, responses, call));

        private static Method<TRequest, TResponse> Read<TRequest, TResponse>(Method<TRequest, TResponse> method)
        {
            Func<DeserializationContext, TRequest> read = method.RequestMarshaller.ContextualDeserializer;
            Marshaller<TRequest> telling = new(method.RequestMarshaller.ContextualSerializer, body =>
            {
                try
                {
                    return read(body);
                }
                catch (InvalidProtocolBufferException e)
                {
                    throw QuiltException.Invalid("body", $"the body is no message of {method.Name}: {e.Message}", "send what proto/quilt/v1/quilt.proto says").ToRpc();
                }
            });
            return new Method<TRequest, TResponse>(method.Type, method.ServiceName, method.Name, telling, method.ResponseMarshaller);
        }
    }
}
