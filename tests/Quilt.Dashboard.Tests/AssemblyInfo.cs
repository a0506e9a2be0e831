[assembly: AssemblyFixture(typeof(Quilt.Dashboard.Tests.DashboardFixture))]
