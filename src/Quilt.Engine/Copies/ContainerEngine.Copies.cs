using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Works with a container's files as its processes see them, mounts included. Where none of its processes is there, its root is set up as
    /// for a start, seen by nobody else and without its command, for as long as the work takes; a start meanwhile goes on with it.
    /// </summary>
    /// <param name="work">On a thread that acts as the container's root. It is to stop when its token says so.</param>
    /// <exception cref="QuiltException">NotFound; Aborted: the container was removed meanwhile, or its run ended; what the work says.</exception>
    public async Task<T> UseFilesAsync<T>(ContainerId id, Func<LiveRoot, CancellationToken, T> work, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using BorrowedFiles files = await BorrowFilesAsync(container, cancellation).ConfigureAwait(false);
        Task watching = StopWithAsync(container, files, over);
        try
        {
            return await FileThread.RunAsync(container.Record.HostIdBase, () => work(files.Root, over.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && IsOver(container, files) && (e is OperationCanceledException || IsOfFiles(e)))
        {
            (string what, string remedy) = IsGoing(container) ? ("was removed", "copy before it is removed") : ("ended", "copy again");
            throw new QuiltException(ErrorCode.Aborted, $"the container '{container.Record.Name}' {what} meanwhile", remedy, "container", e);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
            files.Dispose(); // before another root is set up over the same layer
            await GiveFilesBackAsync(container).ConfigureAwait(false);
        }
    }

    private static bool IsOfFiles(Exception e) => e is IOException or SyscallException or QuiltException { InnerException: SyscallException };

    private static bool IsGoing(Container container) => container.IsRemoved || container.Record.State is ContainerState.Removing;

    /// <summary>The files belong to a run that has ended: the next one has another root over the same layer.</summary>
    private static bool IsOver(Container container, BorrowedFiles files) => IsGoing(container) || container.Init != files.Init;

    /// <summary>Nobody writes to the files of a container that is being removed: its deletion would find ever new ones.</summary>
    private static async Task StopWithAsync(Container container, BorrowedFiles files, CancellationTokenSource over)
    {
        try
        {
            await container.WaitAsync(_ => IsOver(container, files), over.Token).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It is done.
        }
    }

    private async Task<BorrowedFiles> BorrowFilesAsync(Container container, CancellationToken cancellation)
    {
        while (true)
        {
            ProcessIdentity? ended;
            using (await container.EnterAsync(cancellation).ConfigureAwait(false))
            {
                if (await TryBorrowFilesAsync(container, cancellation).ConfigureAwait(false) is { } files)
                {
                    return files;
                }

                ended = container.Init;
            }

            // Its process has ended and its shim is about to say so; what is set up then is another root.
            using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patient.CancelAfter(ExitPatience);
            try
            {
                await container.WaitAsync(_ => container.Init != ended, patient.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw Not("copy files of", container.Record, "its process has ended and nobody has told: try again");
            }
        }
    }

    /// <returns>Null where its process has just ended.</returns>
    private async Task<BorrowedFiles?> TryBorrowFilesAsync(Container container, CancellationToken cancellation)
    {
        ContainerRecord record = container.Record;
        if (IsGoing(container))
        {
            throw ContainerTable.NotFound(record.Name.Value);
        }

        if (record.State is ContainerState.Creating)
        {
            throw Not("copy files of", record, "wait until it is made");
        }

        bool isOurs = container.Shim is null;
        await PrepareAgainAsync(container, window: null, cancellation).ConfigureAwait(false);
        if (BorrowedFiles.TryOpen(container.Init, record, passing: !record.IsRunning && (isOurs || container.IsPreparedForFiles)) is not { } files)
        {
            return null;
        }

        container.FilesBorrowed++;
        container.IsPreparedForFiles |= isOurs;
        return files;
    }

    private async Task GiveFilesBackAsync(Container container)
    {
        using (await container.EnterAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (--container.FilesBorrowed > 0 || !container.IsPreparedForFiles)
            {
                return;
            }

            container.IsPreparedForFiles = false;
            if (container.Shim is not null && container.Record.State is (ContainerState.Created or ContainerState.Exited) && !IsGoing(container))
            {
                await UnprepareAsync(container).ConfigureAwait(false);
            }
        }
    }
}
