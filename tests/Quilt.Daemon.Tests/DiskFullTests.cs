using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class DiskFullTests
{
    private static readonly KernelVersion TmpfsTakesIdMaps = new(6, 3, 0);

    [Fact]
    public async Task On_a_full_disk_what_runs_runs_on_what_is_new_is_refused_whole_and_with_space_all_is_well()
    {
        Assert.SkipWhen(KernelVersion.OfHost() < TmpfsTakesIdMaps, "tmpfs, which is the small disk here, takes no idmapped mounts before Linux 6.3");
        using TemporaryFolder folder = new();
        string small = Directory.CreateDirectory(folder["small"]).FullName;
        Sys.Mount("tmpfs", small, "tmpfs", 0, "size=48m");
        try
        {
            await using DaemonProcess daemon = await DaemonProcess.StartAsync(small);
            Container running = await daemon.Client.Run(Shell("echo begun; while [ ! -e /end ]; do sleep 0.02; done; exit 3"));
            Container large = await daemon.Client.Run();
            await daemon.Client.Exec(large.Id, "head -c 8000000 /dev/zero > /large");
            string ballast = Path.Combine(small, "ballast");
            Fill(ballast);

            ErrorDetail refused = await Fails(() => daemon.Client.Run(new ContainerSpec { Name = "late" }));
            Assert.Equal("resource_exhausted", refused.Code);
            Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(running.Id, "echo well"));
            Assert.Equal(ContainerState.Running, (await daemon.Client.Get(running.Id)).State);
            Assert.Equal(2, (await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.Count);

            // Removing is what makes space: it has to work.
            await daemon.Client.Remove(large.Id);
            File.Delete(ballast);
            Container late = await daemon.Client.Run(new ContainerSpec { Name = "late" });
            Assert.Equal((0, "", ""), await daemon.Client.Exec(running.Id, "touch /end"));
            Assert.Equal(3, (await daemon.Client.WaitExited(running.Id)).ExitCode);
            await daemon.Client.Remove(late.Id);
        }
        finally
        {
            Sys.Unmount(small, lazily: true);
        }
    }

    [Fact]
    public async Task An_exit_is_told_also_where_there_is_no_space_to_write_it_down()
    {
        Assert.SkipWhen(KernelVersion.OfHost() < TmpfsTakesIdMaps, "tmpfs, which is the small disk here, takes no idmapped mounts before Linux 6.3");
        using TemporaryFolder folder = new();
        string small = Directory.CreateDirectory(folder["small"]).FullName;
        Sys.Mount("tmpfs", small, "tmpfs", 0, "size=48m");
        try
        {
            await using DaemonProcess daemon = await DaemonProcess.StartAsync(small);
            ContainerSpec spec = Shell("read x; exit 6");
            spec.StdinOpen = true;
            Container container = await daemon.Client.Run(spec);
            string ballast = Path.Combine(small, "ballast");
            Fill(ballast);
            using (Grpc.Core.AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = daemon.Client.AttachContainer(cancellationToken: Cancellation))
            {
                await call.RequestStream.WriteAsync(new StreamInput { Attach = container.Id }, Cancellation);
                await call.RequestStream.WriteAsync(new StreamInput { CloseStdin = true }, Cancellation);
                await new StreamReader(call).ReadToExit();
                Assert.Equal(6, call.ResponseStream.Current.Exit.ExitCode);
            }

            Assert.Equal(6, (await daemon.Client.WaitExited(container.Id)).ExitCode);
            File.Delete(ballast);
        }
        finally
        {
            Sys.Unmount(small, lazily: true);
        }
    }

    /// <summary>To the last byte.</summary>
    private static void Fill(string path)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[64 << 10];
        for (int size = block.Length; size > 0;)
        {
            try
            {
                file.Write(block, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }
}
