import Domain
import Logging
import SocketIORedis
import Testing

@testable import ServerSettings

@Suite struct ServerConfigurationTests {
    private func configuration(_ values: [String: String]) throws -> ServerConfiguration {
        let values = ["DATABASE_URL": "postgresql:///chat"].merging(values) { $1 }
        return try ServerConfiguration(SettingReader(environment: values))
    }

    @Test("what is not set has its default, and what is empty is not set")
    func defaults() throws {
        for values in [[:], Dictionary(uniqueKeysWithValues: Setting.allCases.dropFirst().map { ($0.rawValue, "") })] {
            let some = try configuration(values)
            #expect(some.host == "127.0.0.1" && some.port == 3000 && some.privatePort == 0)
            #expect(some.redis == nil && !some.usesRedisAdapter && !some.isAlone)
            #expect(some.signUp == .invite && some.logLevel == .info && some.limits == RateLimits())
            #expect(some.sessionRecheckInterval == .seconds(30) && some.drainSpread == .seconds(5))
        }
    }

    @Test("what is set is taken")
    func values() throws {
        let some = try configuration([
            "REDIS_URL": "redis://localhost:6379/1", "REDIS_ADAPTER": "sharded", "PORT": "8080", "SIGNUP": "open",
            "ALLOWED_ORIGINS": "https://a.example, https://b.example", "TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "WEBHOOK_ALLOWED_NETWORKS": "10.0.0.0/8, ::1, Hooks.internal", "LIMIT_SENDS": "0", "INSTANCE_ID": "i-7",
            "LOG_LEVEL": "debug",
        ])
        #expect(some.usesRedisAdapter && some.port == 8080)
        #expect(some.redisAdapterForm == RedisAdapterOptions.Form(name: "sharded"))
        #expect(some.signUp == .open && some.allowedOrigins == ["https://a.example", "https://b.example"])
        #expect(some.trustedProxies.count == 2 && some.limits.sends.perMinute == 0)
        #expect(some.webhookNetworks.hosts == ["hooks.internal"] && some.webhookNetworks.ranges.count == 2)
        #expect(some.instanceID == "i-7" && some.logLevel == .debug)
        #expect(try configuration(["USE_REDIS_ADAPTER": "no"]).isAlone)
    }

    @Test(
        "what cannot be used is refused by its name instead of being passed over",
        arguments: [
            (Setting.port, "many"), (.port, "70000"), (.privatePort, "-1"), (.usesRedisAdapter, "maybe"),
            (.redisURL, "mysql://x"), (.redisAdapter, "fast"), (.trustedProxies, "10.0.0.0/8, nginx"),
            (.webhookAllowedNetworks, "https://a.example"),
            (.signUp, "all"), (.socketsPerUserMax, "0"), (.sessionRecheckSeconds, "soon"), (.drainSpreadMs, "-1"),
            (.logLevel, "loud"), (.limitJoins, "few"), (.limitSends, "-1"), (.instanceID, "i 1"),
            (.attachmentBytesMax, "1GB"),
            (.fleetSecretFile, "/nowhere"), (.databaseURL, ""),
        ]
    )
    func refuses(setting: Setting, value: String) {
        #expect {
            try configuration([setting.rawValue: value])
        } throws: {
            let error = $0 as? SettingError
            return error?.setting == setting && error?.message.hasPrefix(setting.rawValue) == true
        }
    }

    @Test("the standard of each setting is one that can be set", arguments: Setting.allCases)
    func standards(setting: Setting) throws {
        guard let standard = setting.standard else { return }
        _ = try configuration([setting.rawValue: standard])
    }
}
