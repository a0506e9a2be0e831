using System.Collections;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Fuzzing;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests.Hostile;

/// <summary>The bodies of every call of the API, damaged anywhere, as an agent sends them.</summary>
public sealed class GrpcRequestTests(HostileDaemon hostile) : IClassFixture<HostileDaemon>
{
    private const int Deep = 4;

    // For those that follow something; the daemon answers all others long before.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(60);
    private static readonly string[] Following = ["WaitContainer", "GetLogs", "GetStats", "GetEvents", "CallTool", "Exec", "ExecStream", "AttachContainer", "Mcp"];
    private static readonly MethodDescriptor[] Calls = [.. QuiltService.Descriptor.Methods];
    private static readonly Marshaller<byte[]> AsTheyAre = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);

    [Fact]
    public void A_request_that_is_anything_is_answered_and_its_failure_is_not_the_daemons() => hostile.Survives(() => Fuzz.Run(
        Gen.Int[0, Calls.Length - 1].SelectMany(which => Mutated.Bytes(Valid(Calls[which])).Select(body => (which, body))),
        input => Sends(Calls[input.which], input.body),
        iterations: 600));

    /// <summary>What is no message at all is told so, by streams too, and not as an error of the daemon's.</summary>
    [Fact]
    public void A_body_that_is_no_message_is_refused_by_every_call() => hostile.Survives(() => Assert.All(
        Calls.Where(c => c.InputType.Fields.InDeclarationOrder().Any()), call => Assert.Equal((call.Name, StatusCode.InvalidArgument), (call.Name, Sends(call, [0x0a, 0xff, 0xff])))));

    private static byte[] Valid(MethodDescriptor call) => Example(call.InputType, Deep).ToByteArray();

    private StatusCode Sends(MethodDescriptor call, byte[] body)
    {
        StatusCode status = SendAsync(call, body).GetAwaiter().GetResult();
        Assert.DoesNotContain(status, (StatusCode[])[StatusCode.Internal, StatusCode.Unknown, StatusCode.Unavailable]);
        Assert.True(status != StatusCode.DeadlineExceeded || Following.Contains(call.Name), $"{call.Name} did not answer");
        return status;
    }

    private async Task<StatusCode> SendAsync(MethodDescriptor call, byte[] body)
    {
        Method<byte[], byte[]> method = new(MethodType.DuplexStreaming, QuiltService.Descriptor.FullName, call.Name, AsTheyAre, AsTheyAre);
        Metadata headers = new() { { "authorization", $"Bearer {hostile.Token}" } };
        TimeSpan patience = Following.Contains(call.Name) ? Patience : Longest;
        CallOptions options = new(headers, TimeProvider.System.GetUtcNow().Add(patience).UtcDateTime, TestContext.Current.CancellationToken);
        using AsyncDuplexStreamingCall<byte[], byte[]> sent = hostile.Invoker.AsyncDuplexStreamingCall(method, null, options);
        try
        {
            try
            {
                await sent.RequestStream.WriteAsync(body);
                await sent.RequestStream.CompleteAsync();
            }
            catch (Exception e) when (e is InvalidOperationException or RpcException)
            {
                // It was answered before it was sent whole: the answer tells.
            }

            while (await sent.ResponseStream.MoveNext(CancellationToken.None))
            {
            }

            return sent.GetStatus().StatusCode;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    /// <summary>A message that has something of every field.</summary>
    private static IMessage Example(MessageDescriptor type, int deep)
    {
        IMessage message = type.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder().Where(f => deep > 0 || f.FieldType != FieldType.Message))
        {
            if (field.IsMap)
            {
                MessageDescriptor entry = field.MessageType;
                ((IDictionary)field.Accessor.GetValue(message)).Add(Value(entry.FindFieldByNumber(1), deep - 1), Value(entry.FindFieldByNumber(2), deep - 1));
            }
            else if (field.IsRepeated)
            {
                ((IList)field.Accessor.GetValue(message)).Add(Value(field, deep - 1));
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, deep - 1));
            }
        }

        return message;
    }

    private static object Value(FieldDescriptor field, int deep) => field.FieldType switch
    {
        FieldType.Message => Example(field.MessageType, deep),
        FieldType.String => "a",
        FieldType.Bytes => ByteString.CopyFromUtf8("a"),
        FieldType.Bool => true,
        FieldType.Double => 1.5,
        FieldType.Float => 1.5f,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => 1,
        FieldType.UInt32 or FieldType.Fixed32 => 1u,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 1L,
        FieldType.UInt64 or FieldType.Fixed64 => 1ul,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        _ => throw new NotSupportedException($"{field.FullName} is of a type that the test does not know"),
    };
}
