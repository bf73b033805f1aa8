import Redis
import Testing

@Suite("Redis configuration")
struct RedisConfigurationTests {
    @Test("URLs of both forms are read")
    func valid() throws {
        func parse(_ url: String) throws -> RedisConfiguration { try RedisConfiguration(url: url) }
        #expect(try parse("redis://localhost") == .init(address: .tcp(host: "localhost", port: 6379)))
        #expect(
            try parse("redis://alice:p%40ss%2F@[::1]:6380/2")
                == .init(
                    address: .tcp(host: "::1", port: 6380),
                    username: "alice",
                    password: "p@ss/",
                    database: 2
                )
        )
        #expect(try parse("redis://:secret@h/") == .init(address: .tcp(host: "h", port: 6379), password: "secret"))
        #expect(
            try parse("rediss://:secret@h/?ca=/etc/ca.pem")
                == .init(
                    address: .tcp(host: "h", port: 6379),
                    tls: .init(certificateAuthorityFile: "/etc/ca.pem"),
                    password: "secret"
                )
        )
        #expect(try parse("rediss://h").tls == .init())
        #expect(try parse("unix:///run/redis.sock") == .init(address: .unix(path: "/run/redis.sock")))
        #expect(
            try parse("unix:///run/my%20redis.sock?db=3")
                == .init(address: .unix(path: "/run/my redis.sock"), database: 3)
        )
    }

    @Test(
        "what is wrong is named, the password never",
        arguments: [
            ("", "not a URL"), ("localhost:6379", "none of redis, rediss and unix"),
            ("http://localhost", "none of redis, rediss and unix"), ("redis://", "host"),
            ("redis://:s3cret@/0", "host"), ("redis://h:0", "port"),
            ("redis://h:99999", "port"), ("redis://:s3cret@h/x", "database \"x\""), ("redis://h/-1", "database \"-1\""),
            ("unix://run/redis.sock", "absolute path"), ("unix:///r?db=x", "database \"x\""),
            ("redis://user@h", "password"),
            ("unix:///" + String(repeating: "x", count: 200), "107"),
        ]
    )
    func invalid(_ url: String, _ reason: String) throws {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        let text = try #require(error).description
        #expect(text.contains(reason), "\(text)")
        #expect(!text.contains("s3cret"))
    }

    @Test("a description has neither user nor password")
    func description() throws {
        #expect(try RedisConfiguration(url: "redis://u:p@h:1/2").description == "redis://h:1/2")
        #expect(try RedisConfiguration(url: "rediss://u:p@h:1/2").description == "rediss://h:1/2")
        #expect(try RedisConfiguration(url: "redis://u:p@[::1]:1/2").description == "redis://[::1]:1/2")
        #expect(try RedisConfiguration(url: "unix:///run/r.sock").description == "unix:///run/r.sock?db=0")
    }
}
