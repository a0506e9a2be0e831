using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Quilt.Client;

/// <summary>What tools take and answer, as far as this library reads it itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ToolError))]
[JsonSerializable(typeof(CopyToArguments))]
[JsonSerializable(typeof(CopyFromArguments))]
[JsonSerializable(typeof(CopyAnswer))]
[JsonSerializable(typeof(BeginSessionArguments))]
[JsonSerializable(typeof(BeginSessionAnswer))]
[JsonSerializable(typeof(EndSessionArguments))]
[JsonSerializable(typeof(EndSessionAnswer))]
[JsonSerializable(typeof(SnapshotRequest))]
[JsonSerializable(typeof(SnapshotAnswer))]
[JsonSerializable(typeof(RestoreRequest))]
[JsonSerializable(typeof(ForkRequest))]
[JsonSerializable(typeof(ForkAnswer))]
[JsonSerializable(typeof(VolumeRequest))]
[JsonSerializable(typeof(NewVolumeRequest))]
[JsonSerializable(typeof(AttachRequest))]
[JsonSerializable(typeof(DetachRequest))]
[JsonSerializable(typeof(MountAnswer))]
[JsonSerializable(typeof(OneVolumeAnswer))]
[JsonSerializable(typeof(VolumesAnswer))]
[JsonSerializable(typeof(ArchiveAnswer))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(LimitChange))]
internal sealed partial class ClientJson : JsonSerializerContext;
