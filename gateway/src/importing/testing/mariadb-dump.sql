/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: oldapi
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Table structure for table `channels`
--

DROP TABLE IF EXISTS `channels`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `channels` (
  `id` int(11) NOT NULL,
  `type` int(11) DEFAULT 0,
  `key` text NOT NULL,
  `status` int(11) DEFAULT 1,
  `name` varchar(191) DEFAULT NULL,
  `weight` int(11) DEFAULT 0,
  `base_url` varchar(191) DEFAULT '',
  `other` text DEFAULT NULL,
  `models` text DEFAULT NULL,
  `group` varchar(64) DEFAULT 'default',
  `model_mapping` text DEFAULT NULL,
  `priority` bigint(20) DEFAULT 0,
  `param_override` text DEFAULT NULL,
  `channel_info` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `channels`
--

LOCK TABLES `channels` WRITE;
/*!40000 ALTER TABLE `channels` DISABLE KEYS */;
INSERT INTO `channels` VALUES
(1,1,'sk-one\nsk-two',1,'main',0,'','','gpt-4.1-mini,my-model,no-price,gpt-4.1','default,vip','{\"gpt-4.1\":\"gpt-4.1-2025-04-14\"}',10,'{\"temperature\":0}','{\"is_multi_key\":true,\"multi_key_status_list\":{\"1\":3}}'),
(2,14,'sk-ant-x',2,'main',5,'https://relay.example/','','claude-sonnet-4-5','vip','',0,'',''),
(3,33,'AKIA|SECRET|us-west-2',1,'aws',0,'','','claude-sonnet-4-5','default',NULL,0,'',''),
(4,17,'sk-ali',1,'ali',0,'','','qwen-plus','default','',0,'',''),
(5,3,'azkey',1,'az',0,'https://x.openai.azure.com','2024-10-21','gpt-4.1','default','',0,'',''),
(6,18,'x|y|z',1,'spark',0,'','','spark','default','',0,'','');
/*!40000 ALTER TABLE `channels` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `logs`
--

DROP TABLE IF EXISTS `logs`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `logs` (
  `id` int(11) NOT NULL,
  `content` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `logs`
--

LOCK TABLES `logs` WRITE;
/*!40000 ALTER TABLE `logs` DISABLE KEYS */;
INSERT INTO `logs` VALUES
(1,'insert into users values (9,\'x\');'),
(2,'COPY users (id) FROM stdin;');
/*!40000 ALTER TABLE `logs` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `options`
--

DROP TABLE IF EXISTS `options`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `options` (
  `key` varchar(191) NOT NULL,
  `value` text DEFAULT NULL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `options`
--

LOCK TABLES `options` WRITE;
/*!40000 ALTER TABLE `options` DISABLE KEYS */;
INSERT INTO `options` VALUES
('AutoGroups','[\"vip\",\"default\"]'),
('CacheRatio','{\"my-model\":0.1}'),
('CompletionRatio','{\"gpt-4.1-mini\":4,\"my-model\":5,\"gpt-4.1\":4}'),
('GroupRatio','{\"default\":1,\"vip\":0.8,\"staff\":0.5}'),
('ModelPrice','{\"sold-per-call\":0.05}'),
('ModelRatio','{\"gpt-4.1-mini\":0.2,\"my-model\":0.75,\"gpt-4.1\":1.5,\"no-price\":3}'),
('QuotaPerUnit','500000'),
('UserUsableGroups','{\"default\":\"everybody\",\"vip\":\"its dear\"}');
/*!40000 ALTER TABLE `options` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `tokens`
--

DROP TABLE IF EXISTS `tokens`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `tokens` (
  `id` int(11) NOT NULL,
  `user_id` int(11) DEFAULT NULL,
  `key` varchar(128) DEFAULT NULL,
  `status` int(11) DEFAULT 1,
  `name` varchar(191) DEFAULT NULL,
  `created_time` bigint(20) DEFAULT NULL,
  `expired_time` bigint(20) DEFAULT -1,
  `remain_quota` int(11) DEFAULT 0,
  `unlimited_quota` tinyint(1) DEFAULT NULL,
  `model_limits_enabled` tinyint(1) DEFAULT NULL,
  `model_limits` text DEFAULT NULL,
  `allow_ips` varchar(191) DEFAULT NULL,
  `used_quota` int(11) DEFAULT 0,
  `group` varchar(191) DEFAULT '',
  `deleted_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `tokens`
--

LOCK TABLES `tokens` WRITE;
/*!40000 ALTER TABLE `tokens` DISABLE KEYS */;
INSERT INTO `tokens` VALUES
(1,2,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1,'first',1700000000,-1,0,1,0,'','',5,'',NULL),
(2,2,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',4,'limited',1700000000,4102444800,750000,0,1,'gpt-4.1-mini,my-model','10.0.0.0/8\n192.168.1.7',5,'default',NULL),
(3,1,'cccccccccccccccccccccccccccccccccccccccccccccccc',2,'off',1700000000,-1,0,1,0,'','',0,'auto',NULL),
(4,5,'dddddddddddddddddddddddddddddddddddddddddddddddd',1,'of a deleted user',1700000000,-1,0,1,0,'','',0,'',NULL),
(5,1,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',1,'deleted',1700000000,-1,0,1,0,'','',0,'','2025-01-02 03:04:05'),
(6,4,'ffffffffffffffffffffffffffffffffffffffffffffffff',1,'odd addresses',1700000000,-1,100,0,0,'','10.0.0.1\nnonsense',0,'gone-group',NULL);
/*!40000 ALTER TABLE `tokens` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `users`
--

DROP TABLE IF EXISTS `users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `users` (
  `id` int(11) NOT NULL,
  `username` varchar(64) DEFAULT NULL,
  `password` varchar(191) DEFAULT NULL,
  `display_name` varchar(191) DEFAULT NULL,
  `role` int(11) DEFAULT 1,
  `status` int(11) DEFAULT 1,
  `email` varchar(191) DEFAULT NULL,
  `access_token` char(32) DEFAULT NULL,
  `quota` int(11) DEFAULT 0,
  `used_quota` int(11) DEFAULT 0,
  `group` varchar(64) DEFAULT NULL,
  `deleted_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `users`
--

LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES
(1,'root','$2a$04$m.Ai3SS2/Zp0bOGtghkhW.Fi1TuGFYI6sqy3kHLzO4nErEuSKr45a','Root User',100,1,'root@example.com','0123456789abcdef0123456789abcdef',50000000,0,'default',NULL),
(2,'Anna','$2a$04$m.Ai3SS2/Zp0bOGtghkhW.Fi1TuGFYI6sqy3kHLzO4nErEuSKr45a','O\'Neil \\ \"An\"\n	na;',1,1,'Anna@Example.com',NULL,1234567,10,'vip',NULL),
(3,'小明','$2a$10$nothing','小明 -- /* x',1,2,'',NULL,0,0,'default',NULL),
(4,'anna','','second',1,1,'anna@example.com',NULL,-500,0,'default',NULL),
(5,'gone','','gone',1,1,'gone@example.com',NULL,999,0,'default','2025-01-02 03:04:05');
/*!40000 ALTER TABLE `users` ENABLE KEYS */;
UNLOCK TABLES;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-25  9:47:14
