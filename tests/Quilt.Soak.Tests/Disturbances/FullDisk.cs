using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>The disk is full for a while, of bytes or of files.</summary>
internal static class FullDisk
{
    internal static Func<SoakRun, Random, CancellationToken, Task> Of(SmallDisk disk) => async (run, random, over) =>
    {
        while (true)
        {
            await Task.Delay(random.Next(300, 1500), over);
            run.Trouble.Begin();
            try
            {
                if (random.Next(3) == 0)
                {
                    disk.FillWithFiles();
                    run.Figures.Count("disturbance disk full of files");
                }
                else
                {
                    disk.Fill();
                    run.Figures.Count("disturbance disk full");
                }

                await Task.Delay(random.Next(50, 600), CancellationToken.None);
            }
            finally
            {
                disk.Free();
                run.Trouble.End();
            }
        }
    };
}
