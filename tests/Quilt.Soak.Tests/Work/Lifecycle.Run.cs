using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>How a lifecycle goes, whatever happens to the daemon meanwhile.</summary>
internal sealed partial class Lifecycle
{
    private const int MostSteps = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    internal Task RunAsync() => RunAsync(Beginning.Choose(Random), [.. Enumerable.Range(0, Random.Next(1, MostSteps + 1)).Select(_ => Steps.Choose(Random, _soak.Heavy))]);

    internal async Task RunAsync(Beginning beginning, IReadOnlyList<Step> steps)
    {
        try
        {
            await TryAsync(beginning.Name, () => beginning.RunAsync(this));
            if (Box.GoesByItself)
            {
                await UntilAnsweredAsync(() => Checks.GoesAsync(this));
            }

            foreach (Step step in steps.TakeWhile(_ => Box.Presence == Presence.There))
            {
                await TryAsync(step.GetType().Name, async () =>
                {
                    if (Box.Runs != true)
                    {
                        await StartAsync();
                    }

                    await step.RunAsync(this);
                });
            }

            if (Box.Presence == Presence.There)
            {
                await TryAsync("WhatWasSaid", () => Checks.FilesAsync(this));
                await TryAsync("Background", () => Checks.ExecsAsync(this));
                await TryAsync("Ending", () => Checks.EndingAsync(this));
            }
        }
        finally
        {
            await CleanUpAsync();
            Figures.Count("lifecycles");
        }
    }

    internal async Task StartAsync()
    {
        Box.Runs = null;
        Container container = (await Call((c, o) => c.StartContainerAsync(new StartContainerRequest { Container = Box.Id }, o))).Container;
        Started(container);
    }

    /// <summary>A call has started it, and did not tell how.</summary>
    internal async Task RunsAgain()
    {
        Container? container = await GetAsync();
        Expect(container is not null, "it is not there");
        Started(container!);
    }

    internal void Started(Container container)
    {
        Expect(container.State == ContainerState.Running && container.Pid > 0, $"a started container is {container.State} with pid {container.Pid}");
        (Box.Runs, Box.Pid, Box.ExitCode) = (true, container.Pid, null);
        Box.StartedIn = Trouble.Now;
        _soak.Alive[Box.Name] = Box;
    }

    /// <summary>One step. What goes wrong in it is found, or has its reason; afterwards the container is as it is known to be.</summary>
    private async Task TryAsync(string name, Func<Task> step)
    {
        _history.Add(name);
        int trouble = Trouble.Now;
        try
        {
            await step();
            Figures.Count("step " + name);
            return;
        }
        catch (InterruptedException)
        {
        }
        catch (Exception e) when (e is RefusedException or UnexpectedException)
        {
            if (!Box.ShimKilled && !Trouble.Since(trouble))
            {
                Find(e.Message);
            }
            else if (e is RefusedException { Code: "internal" })
            {
                Find($"an error that nobody foresaw while the host had no more of something, or a shim was killed: {e.Message}");
            }
        }
        catch (Exception e)
        {
            Find(e.ToString());
        }

        await SettleAsync();
    }

    private void Find(string what) => _soak.Findings.Add($"{Box.Name} (seed {_soak.Seed}; {string.Join(" ", _history)}): {what}");

    /// <summary>Looks how the container is, and whether it may be so.</summary>
    private Task SettleAsync() => UntilAnsweredAsync(async () =>
    {
        Container? container = await GetAsync();
        if (container is null)
        {
            if (Box is { Presence: Presence.There, GoesByItself: false })
            {
                Find("it was told as made, and is not there");
            }

            (Box.Presence, Box.Runs) = (Presence.Gone, false);
            _soak.Alive.TryRemove(Box.Name, out _);
            return;
        }

        (Box.Presence, Box.Id) = (Presence.There, container.Id);
        if (Box.ShimKilled)
        {
            container = await LostAsync(container);
            Box.Execs.Clear();
            Box.ShimKilled = false;
        }
        else if (_soak.Daemon.DiesIn is not null && container.ExitReason == "shim_lost")
        {
            Box.Execs.Clear(); // its shim is in the group that had no memory
        }
        else if (Box.Runs == true && container.State is not (ContainerState.Running or ContainerState.Paused))
        {
            Find($"it ran, nobody ended it, and it is {container.State} with exit code {container.ExitCode} {container.ExitReason}");
        }

        if (container.State == ContainerState.Paused)
        {
            await Call((c, o) => c.UnpauseContainerAsync(new ContainerRequest { Container = Box.Id }, o));
        }

        Expect(
            container.State is ContainerState.Created or ContainerState.Running or ContainerState.Exited or ContainerState.Paused,
            $"it stays {container.State}");
        Box.Runs = container.State is ContainerState.Running or ContainerState.Paused;
        Box.Pid = container.Pid;
        Box.ExitCode = container.HasExitCode ? container.ExitCode : null;
    });

    /// <summary>A killed shim takes its container along: with that reason, or it had ended before by itself.</summary>
    private async Task<Container> LostAsync(Container container)
    {
        for (int i = 0; i < 1000 && container.State is ContainerState.Running or ContainerState.Paused or ContainerState.Stopping; i++)
        {
            await Task.Delay(10);
            container = await GetAsync() ?? container;
        }

        Expect(container.State is ContainerState.Exited or ContainerState.Created, $"its shim was killed, and it is {container.State}");
        Expect(
            container.State == ContainerState.Created || container.ExitReason is "shim_lost" || container.ExitReason.Length == 0,
            $"its shim was killed, and it has ended for the reason '{container.ExitReason}'");
        return container;
    }

    internal async Task<Container?> GetAsync()
    {
        try
        {
            return await Call((c, o) => c.GetContainerAsync(new ContainerRequest { Container = Box.Name }, o));
        }
        catch (RefusedException e) when (e.Code is "not_found" or "unauthenticated")
        {
            return null;
        }
    }

    /// <summary>Everything goes, however often it has to be asked for.</summary>
    private async Task CleanUpAsync()
    {
        _history.Add("CleanUp");
        if (Number % 2 == 0 && Belongings.FirstOrDefault(b => b is { IsOwner: true, Presence: Presence.There }) is { } owner)
        {
            await EndOwnerAsync(owner);
        }

        await RemoveAsync("container", Box.Presence, () => Call((c, o) => c.RemoveContainerAsync(new RemoveContainerRequest { Container = Box.Name, Force = true }, o)), p => Box.Presence = p);
        _soak.Alive.TryRemove(Box.Name, out _);
        foreach (Belonging belonging in Enumerable.Reverse(Belongings).OrderBy(b => b.Kind != "container"))
        {
            await RemoveAsync($"{belonging.Kind} {belonging.Name}", belonging.Presence, () => belonging.RemoveAsync(this), p => belonging.Presence = p);
        }

        if (Box.Id.Length > 0)
        {
            _soak.Gone(Box.Id);
        }
    }

    /// <summary>With a session or an agent goes what was declared to. Images are nobody's own.</summary>
    private async Task EndOwnerAsync(Belonging owner)
    {
        await RemoveAsync($"{owner.Kind} {owner.Name}", owner.Presence, () => owner.RemoveAsync(this), p => owner.Presence = p);
        Headers.Clear();
        await UntilAnsweredAsync(async () => Expect(await GetAsync() is null, $"it outlived its {owner.Kind}"));
        Box.Presence = Presence.Gone;
        foreach (Belonging other in Belongings.Where(b => b != owner && b.Kind != "image"))
        {
            other.Presence = owner.Kind == "agent" || other.Kind == "container" ? Presence.Gone : Presence.Unsure;
        }
    }

    private async Task RemoveAsync(string what, Presence presence, Func<Task> remove, Action<Presence> becomes)
    {
        if (presence == Presence.Gone)
        {
            return;
        }

        await UntilAnsweredAsync(async () =>
        {
            try
            {
                await remove();
            }
            catch (RefusedException e) when (e.Code == "not_found")
            {
                if (presence == Presence.There)
                {
                    Find($"the {what} was told as made, and is not there to be removed");
                }
            }
            catch (InterruptedException)
            {
                presence = Presence.Unsure;
                throw;
            }
        });
        becomes(Presence.Gone);
    }

    /// <summary>Asks again where the daemon died, and when there is enough of everything again.</summary>
    private async Task UntilAnsweredAsync(Func<Task> call)
    {
        TimeSpan began = _soak.Figures.Elapsed;
        while (true)
        {
            int trouble = Trouble.Now;
            try
            {
                await call();
                return;
            }
            catch (InterruptedException)
            {
            }
            catch (Exception e)
            {
                if (!Trouble.Since(trouble) || _soak.Figures.Elapsed - began > Patience)
                {
                    Find(e is RefusedException or UnexpectedException ? e.Message : e.ToString());
                    return;
                }
            }

            await Trouble.Over;
        }
    }
}
