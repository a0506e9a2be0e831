using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Linux;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    public override Task<ListImagesResponse> ListImages(ListImagesRequest request, ServerCallContext context) => RunAsync(
        context, "listImages", request, () => Told.Of(), (caller, _) => Task.FromResult(new ListImagesResponse
        {
            Images =
            {
                ImageAccess.Visible(engine, caller).Select(image => new Image
                {
                    Reference = image.Reference.ToString(),
                    Digest = image.Digest.ToString(),
                    SizeBytes = image.SizeBytes,
                    CreatedAt = image.CreatedAt.ToTimestamp(),
                }),
            },
        }));

    public override Task<GetInfoResponse> GetInfo(GetInfoRequest request, ServerCallContext context) => RunAsync(
        context, "getSystemMetrics", request, () => Told.Of(), (caller, _) => Task.FromResult(new GetInfoResponse
        {
            Version = DaemonVersion.Text,
            Kernel = KernelVersion.OfHost().ToString(),
            Architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            CgroupMode = engine.CgroupMode.ToString().ToLowerInvariant(),
            Cpus = Environment.ProcessorCount,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            ContainersByState = { engine.All().Where(caller.MayUse).GroupBy(r => r.State.Name).ToDictionary(g => g.Key, g => g.Count()) },
            Images = ImageAccess.Visible(engine, caller).Count(),

            // Where things lie on the host is the operator's to know.
            StateDir = caller.Agent.IsOperator ? engine.Options.StateDir : "",
            RunDir = caller.Agent.IsOperator ? engine.Options.RunDir : "",
            StartedAt = options.StartedAt.ToTimestamp(),
            WarmShims = engine.WarmShims,
        }));

    public override Task<GetVersionResponse> GetVersion(GetVersionRequest request, ServerCallContext context) =>
        Task.FromResult(new GetVersionResponse { Version = DaemonVersion.Text, Api = "quilt.v1", Runtime = RuntimeInformation.FrameworkDescription });
}
