import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * Real OpenSearch nodes on loopback, for tests and benchmarks.
 *
 * Arguments: folder, cluster name, HTTP ports, transport ports (lists joined by commas, one a node), and the numbers (from 0) of the nodes
 * that run in this process. It says "started" when they run, and ends when its standard input does: whoever started it may die as it likes.
 */
public final class Cluster {
    public static void main(String[] args) throws IOException {
        String folder = args[0];
        String[] http = args[2].split(",");
        String[] transport = args[3].split(",");
        List<String> names = new ArrayList<>();
        List<String> seeds = new ArrayList<>();
        for (int i = 0; i < http.length; i++) {
            names.add("node-" + i);
            seeds.add("127.0.0.1:" + transport[i]);
        }
        for (String number : args[4].split(",")) {
            int i = Integer.parseInt(number);
            new OpenSearchRunner()
                    .onBuild((n, settings) -> {
                        settings.put("node.name", names.get(i));
                        settings.put("network.host", "127.0.0.1");
                        settings.put("http.port", http[i]);
                        settings.put("transport.port", transport[i]);
                        settings.putList("discovery.seed_hosts", seeds);
                        settings.putList("cluster.initial_cluster_manager_nodes", names);
                        settings.put("node.processors", 1);
                        // A test machine's disk may be nearly full, and a lost node should be noticed soon.
                        settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
                        settings.put("cluster.fault_detection.follower_check.timeout", "3s");
                        settings.put("cluster.fault_detection.follower_check.retry_count", 2);
                        settings.put("cluster.fault_detection.leader_check.timeout", "3s");
                        settings.put("cluster.fault_detection.leader_check.retry_count", 2);
                    })
                    .build(OpenSearchRunner.newConfigs()
                            .clusterName(args[1])
                            .basePath(Path.of(folder, "node-" + i).toString())
                            .numOfNode(1));
        }
        System.out.println("started");
        System.out.flush();
        while (System.in.read() != -1) {}
        Runtime.getRuntime().halt(0); // the folder is thrown away: no node needs to say goodbye
    }
}
